"""The parts of the samplers that need no engine: the greedy probe's verdict, the decode loop's copy."""

import math

import pytest
import torch

from tests.models.tiny_models import make_model
from workflow_scripts.training.samplers.decode_loop import DecodeLoopSampler
from workflow_scripts.training.samplers.greedy_probe import check_in_step, probe_prompt, score_by
from workflow_scripts.training.samplers.protocol import SamplerOutOfStep
from workflow_scripts.training.samplers.sampling import sample
from workflow_scripts.training.samplers.vllm_worker import with_tied_projection


def test_the_score_is_the_forward_pass_with_the_weights_as_they_are() -> None:
    model, prompt, tokens = make_model(3), [4, 5, 6], [7, 8]
    score = score_by(model)
    for _ in range(2):
        with torch.no_grad():
            expected = model(torch.tensor([[*prompt, *tokens]]))[0, 2:-1].log_softmax(-1)
            torch.testing.assert_close(score(prompt, tokens), expected)
            model.model.norm.weight.mul_(1.5)


def test_the_probes_prompt_is_fixed() -> None:
    assert probe_prompt(37, 50) == probe_prompt(37, 50)
    assert set(probe_prompt(37, 500)) == set(range(37))


IDS = torch.tensor([[1, 0], [2, 2]])
EXPECTED = torch.tensor([[-2.0, -1.0, -3.0], [-4.0, -5.0, -0.5]])
FOUND = torch.tensor([[-1.0, -2.0], [-0.5, -0.5]])


def test_a_sampler_in_step_passes() -> None:
    assert check_in_step(FOUND, IDS, EXPECTED, 1e-6) == 0.0
    assert check_in_step(FOUND + 0.01, IDS, EXPECTED, 0.02) == pytest.approx(0.01, abs=1e-6)


def test_a_sampler_out_of_step_is_an_error_with_the_numbers() -> None:
    found = FOUND.clone()
    found[0, 1] = -2.25
    text = (
        r"at token 1 of 2 of the greedy probe, token id 0 has log-probability -2.250000 in the sampler and -2.000000 "
        r"in the trainer, a difference of 0.25 nats; probe_tolerance allows 0.1. Chosen tokens, sampler: -1.0000, "
    )
    with pytest.raises(SamplerOutOfStep, match=text):
        check_in_step(found, IDS, EXPECTED, 0.1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_side_alone_that_is_not_finite_is_out_of_step(value: float) -> None:
    for found, expected in ((FOUND * value, EXPECTED), (FOUND, EXPECTED * value)):
        with pytest.raises(SamplerOutOfStep):
            check_in_step(found, IDS, expected, 1e9)


def test_a_policy_that_is_not_finite_on_either_side_is_left_to_its_samples() -> None:
    assert check_in_step(FOUND * math.nan, IDS, EXPECTED * math.nan, 0.1) == 0.0


@pytest.mark.parametrize("prefix", ["", "language_model."])
def test_a_tied_projection_goes_under_its_own_name_too(prefix: str) -> None:
    weights = {f"{prefix}model.embed_tokens.weight": torch.ones(2), f"{prefix}model.norm.weight": torch.zeros(2)}
    sent = dict(with_tied_projection(weights))
    assert set(sent) == {*weights, f"{prefix}lm_head.weight"}
    assert sent[f"{prefix}lm_head.weight"] is weights[f"{prefix}model.embed_tokens.weight"]


def test_the_decode_loop_samples_from_the_model_or_from_what_it_was_given() -> None:
    trained, copy = make_model(3), make_model(4)
    arguments = ([[5, 6]], [1], 4, 0.7, 8, (0,))
    assert torch.equal(DecodeLoopSampler(trained).sample(*arguments).tokens, sample(trained, *arguments).tokens)
    sampler = DecodeLoopSampler(copy)
    assert not torch.equal(sampler.sample(*arguments).tokens, sample(trained, *arguments).tokens)
    sampler.synchronise(trained.state_dict())
    assert torch.equal(sampler.sample(*arguments).tokens, sample(trained, *arguments).tokens)
    sampler.close()


def test_the_decode_loop_refuses_the_weights_of_another_model() -> None:
    with pytest.raises(KeyError, match=r"model.layers.2"):
        DecodeLoopSampler(make_model(3)).synchronise(make_model(3, num_hidden_layers=3).state_dict())
