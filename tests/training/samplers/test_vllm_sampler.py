"""vLLM samples from the policy that is trained: its draws, log-probabilities and ends, and what a sync changes."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.training.sampler_contract import assert_draws_of, assert_lengths_ends_and_zeros_agree, distribution
from tests.training.samplers.vllm_policies import (
    END,
    ENGINE,
    GROUP,
    LONG,
    LONGEST,
    PROMPTS,
    TEMPERATURE,
    check_against,
    draw,
    make_policy,
    sampler_over,
    save_policy,
)
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.samplers import vllm_worker
from workflow_scripts.training.samplers.decode_loop import DecodeLoopSampler
from workflow_scripts.training.samplers.greedy_probe import score_by
from workflow_scripts.training.samplers.protocol import SamplerOutOfStep
from workflow_scripts.training.samplers.vllm_sampler import VllmSampler


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Qwen2LM, VllmSampler]]:
    model = make_policy(5)
    folder = save_policy(model, tmp_path_factory.mktemp("policy") / "model")
    with sampler_over(folder, score_by(model)) as sampler:
        yield model, sampler


@pytest.fixture
def tied(pair: tuple[Qwen2LM, VllmSampler]) -> tuple[Qwen2LM, VllmSampler]:
    """The policy of seed 5 on both sides, whatever the last test left."""
    model, sampler = pair
    model.load_state_dict(make_policy(5).state_dict())
    sampler.synchronise(model.state_dict())
    return pair


def test_log_probabilities_and_entropies_are_those_of_the_forward_pass(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    model, sampler = tied
    sampled = draw(sampler, [0, 1, 2, 3], num_alter_tokens=4)
    check_against(model, sampled)
    assert sampled.entropy_known
    assert sampled.alternatives is not None
    assert sampled.alternatives.vocabulary_size == 37


def test_lengths_ends_and_zeros_agree(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    assert_lengths_ends_and_zeros_agree(draw(tied[1], [0, 1, 2, 3]), END, LONGEST)


def test_one_token_at_most(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    one = draw(tied[1], [0, 1], longest=1)
    assert one.tokens.shape == (2 * GROUP, 1)
    assert one.lengths.tolist() == [1] * (2 * GROUP)


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [0], [2], [3, 2, 1, 0], [2, 0], [1, 1, 3]])
def test_equal_seeds_give_equal_draws_in_any_call_and_order(tied: tuple[Qwen2LM, VllmSampler], rows: list[int]) -> None:
    sampler = tied[1]
    assert_draws_of(rows, draw(sampler, rows), draw(sampler, [0, 1, 2, 3]), GROUP)


def test_a_group_holds_different_completions_and_seeds_differ(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    sampler = tied[1]
    sampled = draw(sampler, [0])
    assert len({tuple(row) for row in sampled.tokens.tolist()}) > 1
    other = sampler.sample(PROMPTS[:1], [999], GROUP, TEMPERATURE, LONGEST, (END,))
    assert not torch.equal(other.tokens, sampled.tokens)


def test_first_tokens_follow_the_distribution(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    model, sampler = tied
    count = 4000
    drawn = sampler.sample([PROMPTS[0]], [12], count, 1.3, 1, (END,)).tokens[:, 0]
    expected = distribution(model, PROMPTS[0], [0], 1.3)[0].exp().float() * count
    observed = torch.bincount(drawn, minlength=len(expected)).float()
    common = expected >= 5
    cells = torch.cat((expected[common], expected[~common].sum().view(1)))
    found = torch.cat((observed[common], observed[~common].sum().view(1)))
    assert int(common.sum()) > 5
    degrees = len(cells) - 1
    chi_square = ((found - cells) ** 2 / cells.clamp(min=1e-9)).sum().item()
    assert chi_square < degrees + 4 * math.sqrt(2 * degrees)


def test_samples_are_distributed_as_the_decode_loops(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    model, sampler = tied
    theirs = sampler.sample(PROMPTS[:2], [1, 2], 700, TEMPERATURE, LONGEST, (END,))
    ours = DecodeLoopSampler(model).sample(PROMPTS[:2], [1, 2], 700, TEMPERATURE, LONGEST, (END,))
    statistics = {
        "length": lambda sampled: sampled.lengths.float(),
        "log-probability": lambda sampled: sampled.log_probabilities.sum(dim=1),
        "entropy": lambda sampled: sampled.entropies.sum(dim=1) / sampled.lengths,
        "finished": lambda sampled: sampled.finished.float(),
        **{
            f"token {token}": lambda sampled, token=token: (sampled.tokens == token).sum(dim=1) / 1.0
            for token in range(37)
        },
    }
    for name, statistic in statistics.items():
        a, b = statistic(theirs), statistic(ours)
        spread = math.sqrt((a.var() / len(a) + b.var() / len(b)).item())
        assert abs(a.mean() - b.mean()) <= 4.5 * spread + 1e-9, name


def test_changed_weights_are_used(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    model, sampler = tied
    before = draw(sampler, [0, 2])
    model.load_state_dict(make_policy(6).state_dict())
    sampler.synchronise(model.state_dict())
    after = draw(sampler, [0, 1, 2, 3])
    assert not torch.equal(before.tokens[:GROUP], after.tokens[:GROUP])
    check_against(model, after)  # a long prompt that was cached under the old weights is among them


def test_a_sampler_that_was_not_synchronised_is_caught(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    model, sampler = tied
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight.mul_(1.05)
    with pytest.raises(
        SamplerOutOfStep, match=r"log-probability -\d+\.\d+ in the sampler and -\d+\.\d+ in the trainer"
    ):
        sampler.probe()


def test_a_prefix_cache_that_survived_a_sync_is_caught(
    tied: tuple[Qwen2LM, VllmSampler], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sampler = tied
    model.load_state_dict(make_policy(6).state_dict())
    monkeypatch.setattr(sampler._engine, "reset_prefix_cache", lambda: True)
    with pytest.raises(SamplerOutOfStep):
        sampler.synchronise(model.state_dict())


def test_an_output_projection_that_stayed_behind_is_caught(
    tied: tuple[Qwen2LM, VllmSampler], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, sampler = tied
    model.load_state_dict(make_policy(6).state_dict())
    monkeypatch.setattr(vllm_worker, "with_tied_projection", lambda weights: iter(weights.items()))
    with pytest.raises(SamplerOutOfStep):
        sampler.synchronise(model.state_dict())


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_a_policy_that_is_not_finite_is_seen_and_leaves_nothing_behind(
    tied: tuple[Qwen2LM, VllmSampler], poison: float
) -> None:
    model, sampler = tied
    sound = draw(sampler, [0, 2])
    with torch.no_grad():
        model.model.layers[0].input_layernorm.weight[0] = poison
    sampler.synchronise(model.state_dict())
    assert not draw(sampler, [0, 2]).finite
    model.load_state_dict(make_policy(5).state_dict())
    sampler.synchronise(model.state_dict())
    assert torch.equal(draw(sampler, [0, 2]).tokens, sound.tokens)


def test_what_does_not_fit_is_refused(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    with pytest.raises(
        UserError, match="max_model_length: 512: a prompt of 300 tokens and a completion of 213 need 513"
    ):
        tied[1].sample([LONG], [1], 1, TEMPERATURE, 213, (END,))


def test_a_second_engine_is_refused(tied: tuple[Qwen2LM, VllmSampler], tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="an engine is still open in this process"):
        VllmSampler(tmp_path, ENGINE, score_by(tied[0]))


def test_the_process_keeps_its_threads(tied: tuple[Qwen2LM, VllmSampler]) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert torch.get_num_threads() == 3
        tied[1].synchronise(tied[0].state_dict())
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
