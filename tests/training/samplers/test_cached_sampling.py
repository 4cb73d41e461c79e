"""The sampler over transformers draws what our decode loop draws, and what its policy's forward pass says."""

import pytest
import torch

from tests.models.tiny_policies import CONFIGURATIONS, qwen2_config, spread
from tests.training.sampler_contract import assert_draws_of, assert_scored_by
from tests.training.samplers.test_sampling import LONGEST, assert_ends_cut
from workflow_scripts.models.hugging_face import build_policy, save_policy
from workflow_scripts.models.qwen2 import load_model
from workflow_scripts.training.samplers.cached_sampling import CachedSampler
from workflow_scripts.training.samplers.sampling import Sampled, sample

torch.set_num_threads(1)

PROMPTS = [[5, 6, 7, 8, 9, 10, 11], [12, 13], [3, 4, 5, 6]]
SEEDS = [11, 12, 13]
SHAPE = {"group_size": 4, "temperature": 0.7, "max_tokens": 12, "end_tokens": (0,), "num_alter_tokens": 3}


def draw_from(family: str) -> tuple[CachedSampler, Sampled]:
    sampler = CachedSampler(spread(build_policy(CONFIGURATIONS[family])))
    return sampler, sampler.sample(PROMPTS, SEEDS, **SHAPE)


def test_draws_are_those_of_our_own_decode_loop(tmp_path) -> None:
    policy = spread(build_policy(qwen2_config()))
    save_policy(tmp_path / "model", policy)
    ours = sample(load_model(tmp_path / "model"), PROMPTS, SEEDS, **SHAPE)
    theirs = CachedSampler(policy).sample(PROMPTS, SEEDS, **SHAPE)
    assert torch.equal(ours.tokens, theirs.tokens)
    assert torch.equal(ours.lengths, theirs.lengths)
    assert torch.equal(ours.finished, theirs.finished)
    assert 0 < ours.finished.sum() < len(ours.finished), "some completions end early and leave the batch"
    torch.testing.assert_close(ours.log_probabilities, theirs.log_probabilities, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.entropies, theirs.entropies, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        ours.alternatives.log_probabilities, theirs.alternatives.log_probabilities, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("family", ["qwen2-tied", "gemma3"])
def test_each_of_several_tokens_ends_a_completion(family: str) -> None:
    sampler = CachedSampler(spread(build_policy(CONFIGURATIONS[family])))
    endless = sampler.sample(PROMPTS, SEEDS, **SHAPE | {"max_tokens": LONGEST, "end_tokens": ()})
    assert not endless.finished.any()
    drawn = endless.tokens.flatten().bincount().topk(2).indices.tolist()
    several = sampler.sample(PROMPTS, SEEDS, **SHAPE | {"max_tokens": LONGEST, "end_tokens": (*drawn, 37)})
    assert_ends_cut(several, endless, set(drawn))
    assert several.finished.sum() > 0


@pytest.mark.parametrize("family", CONFIGURATIONS)
def test_log_probabilities_are_those_of_the_forward_pass(family: str) -> None:
    sampler, sampled = draw_from(family)
    assert_scored_by(sampler.policy, PROMPTS, sampled, 0.7, atol=2e-5)


@pytest.mark.parametrize("family", ["qwen2-tied", "gemma3"])
def test_other_prompts_and_their_order_change_no_draw(family: str) -> None:
    sampler, together = draw_from(family)
    for place in range(3):
        alone = sampler.sample([PROMPTS[place]], [SEEDS[place]], **SHAPE)
        assert_draws_of([place], alone, together, 4)


def test_new_weights_are_used_from_then_on() -> None:
    sampler, before = draw_from("gemma3")
    other = spread(build_policy(CONFIGURATIONS["gemma3"]), seed=5)
    sampler.synchronise(other.state_dict())
    after = sampler.sample(PROMPTS, SEEDS, **SHAPE)
    assert torch.equal(after.tokens, CachedSampler(other).sample(PROMPTS, SEEDS, **SHAPE).tokens)
    assert not torch.equal(after.tokens, before.tokens)
