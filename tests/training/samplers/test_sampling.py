"""What is sampled follows the policy, and depends on nothing but the policy, the prompt and the prompt's seed."""

from dataclasses import replace

import pytest
import torch

from tests.models.tiny_models import make_model
from tests.training.sampler_contract import (
    assert_draws_of,
    assert_lengths_ends_and_zeros_agree,
    assert_scored_by,
)
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.samplers import decode_loop
from workflow_scripts.training.samplers.decode_loop import DecodeLoopSampler
from workflow_scripts.training.samplers.sampling import Sampled, draw, sample, uniform_draws

torch.set_num_threads(1)

END = 0
PROMPTS = [[5, 6, 7], [8], [9, 10, 11, 12, 13, 14], [3, 3]]
SEEDS = [101, 202, 303, 404]
GROUP, TEMPERATURE, LONGEST = 6, 0.7, 24


@pytest.fixture(scope="module")
def model() -> Qwen2LM:
    """Ends a completion now and then, so that rows leave the batch at different steps."""
    return make_model(seed=5, vocabulary=19)


def sample_rows(model: Qwen2LM, rows: list[int], longest: int = LONGEST) -> Sampled:
    prompts, seeds = [PROMPTS[row] for row in rows], [SEEDS[row] for row in rows]
    return sample(model, prompts, seeds, GROUP, TEMPERATURE, longest, (END,))


def tensors(sampled: Sampled) -> dict[str, torch.Tensor]:
    return {name: value for name, value in vars(sampled).items() if name != "alternatives"}


@pytest.fixture(scope="module")
def sampled(model: Qwen2LM) -> Sampled:
    return sample_rows(model, [0, 1, 2, 3])


@pytest.mark.parametrize("rows", [[0], [1], [2], [3], [3, 2, 1, 0], [2, 0], [1, 1, 3]])
def test_the_draws_of_a_prompt_do_not_depend_on_the_others(model: Qwen2LM, sampled: Sampled, rows: list[int]) -> None:
    assert_draws_of(rows, sample_rows(model, rows), sampled, GROUP)


@pytest.mark.parametrize("held", [1, 12000, 1 << 27])
def test_the_draws_do_not_depend_on_how_many_prompts_are_sampled_at_a_time(
    model: Qwen2LM, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_loop, "CACHED_AT_A_TIME", held)
    calls: list[int] = []
    monkeypatch.setattr(decode_loop, "sample", lambda *given: (calls.append(len(given[1])), sample(*given))[1])
    found = DecodeLoopSampler(model).sample(PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, (END,), 2)
    assert calls == {1: [1, 1, 1, 1], 12000: [2, 2], 1 << 27: [4]}[held]
    whole = sample(model, PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, (END,), 2)
    assert_draws_of([0, 1, 2, 3], found, whole, GROUP)
    assert found.alternatives is not None
    assert whole.alternatives is not None
    torch.testing.assert_close(found.alternatives.log_probabilities, whole.alternatives.log_probabilities)


def first_ends(tokens: torch.Tensor, ends: set[int]) -> list[int | None]:
    """The place of each row's first end."""
    return [next((place for place, token in enumerate(row) if token in ends), None) for row in tokens.tolist()]


def assert_ends_cut(sampled: Sampled, endless: Sampled, ends: set[int]) -> None:
    """What was drawn with these ends is what was drawn without any, each row up to its first one."""
    for row, place in enumerate(first_ends(endless.tokens, ends)):
        length = endless.tokens.shape[1] if place is None else place + 1
        assert (int(sampled.lengths[row]), bool(sampled.finished[row])) == (length, place is not None)
        assert sampled.tokens[row].tolist() == endless.tokens[row, :length].tolist() + [0] * (LONGEST - length)
        assert not sampled.log_probabilities[row, length:].any()
        torch.testing.assert_close(
            sampled.log_probabilities[row, :length], endless.log_probabilities[row, :length], atol=1e-5, rtol=1e-4
        )
        assert not ends & set(sampled.completion(row))


def test_each_of_several_tokens_ends_a_completion(model: Qwen2LM) -> None:
    endless = sample(model, PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, ())
    assert not endless.finished.any()
    seen = set(endless.tokens.flatten().tolist())
    for ends in ({END, 4}, {4, 7, 11}, {max(seen)}):
        several = sample(model, PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, ends)
        assert_ends_cut(several, endless, ends)
        last = {int(several.tokens[row, several.lengths[row] - 1]) for row in several.finished.nonzero().flatten()}
        assert last == ends & seen, "each of them ended one"


def test_an_end_that_the_model_does_not_have_ends_nothing(model: Qwen2LM, sampled: Sampled) -> None:
    other = sample(model, PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, (END, 19, 10**6))
    assert torch.equal(other.tokens, sampled.tokens)
    assert torch.equal(other.finished, sampled.finished)


def test_equal_runs_are_equal_to_the_bit(model: Qwen2LM, sampled: Sampled) -> None:
    again = sample_rows(model, [0, 1, 2, 3])
    assert all(torch.equal(value, getattr(again, name)) for name, value in tensors(sampled).items())


def test_a_group_holds_different_completions_and_seeds_differ(model: Qwen2LM, sampled: Sampled) -> None:
    assert len({tuple(row) for row in sampled.tokens[:GROUP].tolist()}) > 1
    other = sample(model, PROMPTS[:1], [999], GROUP, TEMPERATURE, LONGEST, (END,))
    assert not torch.equal(other.tokens, sampled.tokens[:GROUP])


def test_lengths_ends_and_zeros_agree(sampled: Sampled) -> None:
    assert_lengths_ends_and_zeros_agree(sampled, END, LONGEST)
    drawn = torch.arange(LONGEST) < sampled.lengths.unsqueeze(1)
    assert (sampled.log_probabilities[drawn] < 0).all()
    assert (sampled.entropies[drawn] > 0).all()


def test_log_probabilities_and_entropies_are_those_of_a_full_forward_pass(model: Qwen2LM, sampled: Sampled) -> None:
    assert_scored_by(model, PROMPTS, sampled, TEMPERATURE)


@pytest.mark.parametrize("count", [1, 4, 19, 99])
def test_recorded_alternatives_are_the_most_probable_tokens_and_change_no_draw(
    model: Qwen2LM, sampled: Sampled, count: int
) -> None:
    recorded = sample(model, PROMPTS, SEEDS, GROUP, TEMPERATURE, LONGEST, (END,), num_alter_tokens=count)
    assert all(torch.equal(value, getattr(recorded, name)) for name, value in tensors(sampled).items())
    assert recorded.alternatives is not None
    assert recorded.alternatives.vocabulary_size == 19
    assert recorded.alternatives.log_probabilities.shape == (*recorded.tokens.shape, min(count, 19))
    assert_scored_by(model, PROMPTS, recorded, TEMPERATURE)


def test_nothing_is_recorded_unasked(sampled: Sampled) -> None:
    assert sampled.alternatives is None


def test_entropies_that_a_sampler_does_not_see_are_no_fault_of_the_policy(sampled: Sampled) -> None:
    unseen = replace(sampled, entropies=torch.full_like(sampled.entropies, torch.nan))
    assert (sampled.entropy_known, unseen.entropy_known) == (True, False)
    assert unseen.finite
    partly = sampled.entropies.clone()
    partly[3, 0] = torch.nan
    assert not replace(sampled, entropies=partly).finite


def test_a_longer_limit_only_continues(model: Qwen2LM) -> None:
    # A row's random numbers are a block of its seed's, whose width is the limit: the group's first row is shared.
    short, long = sample_rows(model, [0], longest=8), sample_rows(model, [0], longest=LONGEST)
    assert torch.equal(short.tokens[0], long.tokens[0, :8] * (torch.arange(8) < long.lengths[0]))


def test_one_token_at_most(model: Qwen2LM) -> None:
    one = sample_rows(model, [0, 1], longest=1)
    assert one.tokens.shape == (2 * GROUP, 1)
    assert one.lengths.tolist() == [1] * (2 * GROUP)


def test_a_policy_that_is_not_finite_is_seen(model: Qwen2LM) -> None:
    broken = make_model(seed=5, vocabulary=19)
    with torch.no_grad():
        broken.model.norm.weight[0] = torch.nan
    assert not sample_rows(broken, [0, 1]).finite
    assert sample_rows(model, [0, 1]).finite


def test_draws_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.5, 0.25, 0.125, 0.1, 0.024, 0.001, 0.0])
    count = 200_000
    uniform = torch.rand(count, dtype=torch.float64, generator=torch.Generator().manual_seed(8))
    drawn = draw(probabilities.double().cumsum(dim=-1).repeat(count, 1), uniform)
    observed = torch.bincount(drawn, minlength=7)
    assert observed[6] == 0
    expected = probabilities[:6] * count
    chi_square = ((observed[:6] - expected) ** 2 / expected).sum().item()
    assert chi_square < 20.5  # the 99.9 % quantile with 5 degrees of freedom


def test_a_draw_takes_the_first_token_whose_cumulative_probability_exceeds_the_number() -> None:
    cumulative = torch.tensor([[0.0, 0.25, 0.5, 1.0]], dtype=torch.float64).expand(5, -1)
    uniform = torch.tensor([0.0, 0.2499, 0.25, 0.5, 1 - 2**-53], dtype=torch.float64)
    assert draw(cumulative, uniform).tolist() == [1, 1, 2, 3, 3]


def test_uniform_numbers_belong_to_their_seed() -> None:
    both, one = uniform_draws([1, 2], 3, 4), uniform_draws([2], 3, 4)
    assert both.shape == (6, 4)
    assert torch.equal(both[3:], one)
    assert not torch.equal(both[:3], one)
    assert ((both >= 0) & (both < 1)).all()
