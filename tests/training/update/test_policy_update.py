"""The update that merges and drops rows is the plain sum over all rows, whatever the rule."""

import copy
import math
from dataclasses import replace

import pytest
import torch

from tests.makers.settings import changed
from tests.models.tiny_models import make_model
from tests.training.declared_rules import REINFORCE, RULES
from tests.training.synthetic_rollouts import make_rollouts
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.settings import UpdateRule
from workflow_scripts.training.update import policy_update
from workflow_scripts.training.update.distinct_rows import completion_log_probabilities, merge_equal_rows
from workflow_scripts.training.update.policy_update import (
    CLIP_RATIOS,
    SAMPLING_DIFFERENCE,
    NonFiniteError,
    global_norm,
    mean_kl,
    rows_loss,
    score_rows,
    update,
)
from workflow_scripts.training.update.update_rules import advantages, k3

torch.set_num_threads(1)

TEMPERATURE = 0.7
PROMPTS = [[5, 6, 7], [8, 9]]
# Equal rows within a problem, one row that both problems share, one that was cut and is another's beginning.
COMPLETIONS = [[1, 2, 0], [1, 2, 0], [3, 0], [4, 4, 4, 4, 4], [1, 2, 0], [1, 2], [6, 0], [6, 0]]
REWARDS = [1, 1, 0, 1, 1, 0, 1, 0]
LONGEST = 8


def plain_losses(
    model: Qwen2LM, reference: Qwen2LM, rollouts: Rollouts, rule: UpdateRule
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The loss without KL, the KL term and the mean k3 per token: a loop over all N rows and their tokens."""
    count = len(COMPLETIONS)
    divisors = {
        "seq-mean-token-sum": lambda _length: count,
        "seq-mean-token-mean": lambda length: count * length,
        "seq-mean-token-sum-norm": lambda _length: count * LONGEST,
    }
    policy_loss, kl_term, divergences = torch.zeros(()), torch.zeros(()), []
    for row, advantage in enumerate(advantages(rule, rollouts.learned_from(rule.reward)).flatten().tolist()):
        prompt, tokens = rollouts.prompts[row // 4], COMPLETIONS[row]
        ids = torch.tensor([[*prompt, *tokens]])
        places = torch.arange(len(prompt) - 1, len(prompt) + len(tokens) - 1)
        distribution = torch.distributions.Categorical(logits=model(ids)[0, places] / TEMPERATURE)
        ours = distribution.log_prob(torch.tensor(tokens))
        with torch.no_grad():
            theirs = (reference(ids)[0] / TEMPERATURE).log_softmax(-1)[places, tokens]
        objective = ours * advantage
        if rule.use_importance_sampling_ratio:
            log_ratio = ours - rollouts.sampled.log_probabilities[row, : len(tokens)]
            whole = {"token": log_ratio, "sequence_sum": log_ratio.sum()}
            ratio = whole[rule.importance_sampling_level].exp().expand(len(tokens))
            bounded = ratio.clamp(1 - rule.epsilon, 1 + rule.epsilon_high)
            objective = torch.minimum(ratio * advantage, bounded * advantage)
        policy_loss = policy_loss - objective.sum() / divisors[rule.loss_agg_mode](len(tokens))
        kl_term = kl_term + k3(ours, theirs).sum() / divisors[rule.kl_agg_mode](len(tokens))
        divergences += k3(ours, theirs).tolist()
    return policy_loss, kl_term, sum(divergences) / len(divergences)


def setting(rewards: list[int] = REWARDS, learning_rate: float = 0.1, stale: float = 0.0):
    """``stale``: how far the sampler's log-probabilities are from the model's."""
    model, reference = make_model(seed=1), make_model(seed=2)
    rollouts = make_rollouts(model, PROMPTS, COMPLETIONS, rewards, TEMPERATURE, LONGEST)
    sampler = rollouts.sampled.log_probabilities
    noise = stale * torch.randn(sampler.shape, generator=torch.Generator().manual_seed(5))
    noise[1] = noise[0]  # equal rows; those at places 6 and 7 come to differ in this
    sampler += noise * (sampler != 0)
    return model, reference, rollouts, torch.optim.SGD(model.parameters(), lr=learning_rate)


def check_against_the_plain_sum(rule: UpdateRule, rewards: list[int], kl_coefficient: float, stale: float) -> None:
    model, reference, rollouts, optimizer = setting(rewards, stale=stale)
    plain = copy.deepcopy(model)
    metrics = update(model, reference, optimizer, rollouts, rule, TEMPERATURE, kl_coefficient, 1e9)

    policy_loss, kl_term, divergence = plain_losses(plain, reference, rollouts, rule)
    loss = policy_loss + kl_coefficient * kl_term
    gradients = torch.autograd.grad(loss, list(plain.parameters()))
    assert metrics.loss == pytest.approx(loss.item(), rel=1e-5, abs=1e-6)
    if stale == 0:
        assert metrics.kl == pytest.approx(divergence, rel=1e-4)
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    assert metrics.grad_norm == pytest.approx(norm, rel=1e-4, abs=1e-9)
    assert metrics.lm_head_grad_norm == pytest.approx(gradients[0].norm().item(), rel=1e-4, abs=1e-9)
    for parameter, before, gradient in zip(model.parameters(), plain.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=2e-6, rtol=1e-4)
        torch.testing.assert_close(parameter, before - 0.1 * gradient, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("kl_coefficient", [0.0, 0.05])
@pytest.mark.parametrize("rewards", [REWARDS, [0, 0, 0, 0, 0, 0, 1, 0], [0] * 8])
@pytest.mark.parametrize("name", sorted(RULES))
def test_loss_and_step_are_those_of_the_plain_sum(name: str, rewards: list[int], kl_coefficient: float) -> None:
    check_against_the_plain_sum(RULES[name], rewards, kl_coefficient, stale=0.0)


@pytest.mark.parametrize("mode", ["seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm"])
@pytest.mark.parametrize("level", ["token", "sequence_sum"])
def test_so_they_are_where_the_sampler_was_another_policy(level: str, mode: str) -> None:
    changes = {"importance_sampling_level": level, "loss_agg_mode": mode, "kl_agg_mode": mode}
    rule = changed(RULES["grpo_clipped"], epsilon_high=0.28, **changes)
    for kl_coefficient in (0.0, 0.05):
        check_against_the_plain_sum(rule, REWARDS, kl_coefficient, stale=0.4)


def test_the_loss_of_rows_adds_up_over_any_division() -> None:
    rule = RULES["grpo_clipped"]
    model, reference, rollouts, _ = setting(stale=0.4)
    every = merge_equal_rows(rollouts, advantages(rule, rollouts.rewards), with_ratio=True)
    theirs = score_rows(reference, every, TEMPERATURE, tokens=1000)

    def loss_of(keep: torch.Tensor) -> torch.Tensor:
        return rows_loss(model, every.select(keep), rollouts, every, theirs, rule, TEMPERATURE, 0.05)[0]

    odd = torch.arange(len(every.tokens)) % 2 == 1
    torch.testing.assert_close(loss_of(odd) + loss_of(~odd), loss_of(odd | ~odd))


def test_equal_rows_of_a_problem_are_merged_with_their_number_and_advantage() -> None:
    _, _, rollouts, _ = setting()
    rows = merge_equal_rows(rollouts, rollouts.rewards)
    assert rows.tokens == [
        [5, 6, 7, 1, 2, 0],
        [5, 6, 7, 3, 0],
        [5, 6, 7, 4, 4, 4, 4, 4],
        [8, 9, 1, 2, 0],
        [8, 9, 1, 2],
        [8, 9, 6, 0],
    ]
    assert rows.counts.tolist() == [2, 1, 1, 1, 1, 2]
    assert rows.advantages.tolist() == [2, 0, 1, 1, 0, 1]
    assert rows.places.tolist() == [0, 2, 3, 4, 5, 6]
    assert rows.lengths.tolist() == [3, 2, 5, 3, 2, 2]
    kept = rows.select(rows.advantages != 0)
    assert (kept.tokens, kept.prompt_lengths) == ([rows.tokens[i] for i in (0, 2, 3, 5)], [3, 3, 2, 2])


@pytest.mark.parametrize(("rewards", "stale"), [(REWARDS, 0.0), ([1, 1, 0, 1, 1, 0, 1, 1], 0.4)])
def test_a_ratio_keeps_rows_apart_that_it_tells_apart(rewards: list[int], stale: float) -> None:
    _, _, rollouts, _ = setting(rewards, stale=stale)
    rows = merge_equal_rows(rollouts, rollouts.rewards, with_ratio=True)
    assert rows.places.tolist() == [0, 2, 3, 4, 5, 6, 7]
    assert rows.counts.tolist() == [2, 1, 1, 1, 1, 1, 1]


def test_log_probabilities_are_those_that_were_sampled() -> None:
    model, _, rollouts, _ = setting()
    rows = merge_equal_rows(rollouts, rollouts.rewards)
    with torch.no_grad():
        log_probabilities, mask = completion_log_probabilities(model, rows, TEMPERATURE)
    assert mask.sum(dim=1).tolist() == [3, 2, 5, 3, 2, 2]
    torch.testing.assert_close(
        log_probabilities, rollouts.sampled.log_probabilities[rows.places, :5], atol=1e-5, rtol=1e-4
    )


def test_the_mean_divergence_is_one_over_all_sampled_tokens() -> None:
    model, reference, rollouts, _ = setting()
    rows = merge_equal_rows(rollouts, rollouts.rewards)
    with torch.no_grad():
        expected = plain_losses(model, reference, rollouts, REINFORCE)[2]
    theirs = score_rows(reference, rows, TEMPERATURE, tokens=1000)
    assert mean_kl(rollouts, rows, theirs) == pytest.approx(expected, rel=1e-4)


def test_without_a_reference_the_step_is_the_same_and_no_divergence_is_measured() -> None:
    model, reference, rollouts, optimizer = setting()
    measured = update(model, reference, optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, 1.0)
    other, _, _, its_optimizer = setting()
    unmeasured = update(other, None, its_optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, 1.0)
    assert unmeasured == replace(measured, kl=None)
    for ours, theirs in zip(other.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_first_updates_divergence_is_zero_to_rounding_and_never_below() -> None:
    model, _, rollouts, optimizer = setting()
    metrics = update(model, copy.deepcopy(model), optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, 1.0)
    assert 0 <= metrics.kl < 1e-10


def test_the_record_names_what_a_step_measured() -> None:
    model, reference, rollouts, optimizer = setting(stale=0.4)
    sampler, counted = rollouts.sampled.log_probabilities.clone(), [0, 1, 3, 4, 6, 7]  # rows 2 and 5 have no reward
    with torch.no_grad():
        own = make_rollouts(model, PROMPTS, COMPLETIONS, REWARDS, TEMPERATURE, LONGEST).sampled.log_probabilities
    record = update(model, reference, optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, 1.0).record()
    assert set(record) == {"loss", "grad_norm", "lm_head_grad_norm", "kl", *SAMPLING_DIFFERENCE, *CLIP_RATIOS}
    assert [record[name] for name in CLIP_RATIOS] == [None] * 5
    # Row 7 equals row 6, which stands for it.
    sampler[7] = sampler[6]
    difference = (sampler - own).abs()[counted]
    mean, largest = (record[name] for name in SAMPLING_DIFFERENCE)
    assert mean == pytest.approx(difference.sum().item() / (3 + 3 + 5 + 3 + 2 + 2), rel=1e-4)
    assert largest == pytest.approx(difference.max().item(), rel=1e-4)


@pytest.mark.parametrize("level", ["token", "sequence_sum"])
def test_clip_ratios_are_shares_of_the_whole_batch(level: str) -> None:
    # The second problem's rewards are equal: its rows have advantage 0, are not computed, and still count.
    model, reference, rollouts, optimizer = setting([1, 1, 0, 1, 1, 1, 1, 1])
    shift = torch.zeros(8, LONGEST)
    shift[0, 0] = shift[1, 0] = -1.0  # advantage above 0, ratio e: clipped above
    shift[2, 1] = 1.0  # advantage below 0, ratio 1/e: clipped below
    shift[3, :2] = 1.0  # advantage above 0, ratio 1/e: not clipped
    rollouts.sampled.log_probabilities.add_(shift)
    rule = changed(RULES["grpo_clipped"], importance_sampling_level=level)
    record = update(model, reference, optimizer, rollouts, rule, TEMPERATURE, 0.0, 1.0).record()
    total, of_a_row = (22, 3) if level == "token" else (8, 1)
    expected = (1 / total, 0, 2 / total, 1 / of_a_row, 3 / total)
    assert [record[name] for name in CLIP_RATIOS] == pytest.approx(expected)


def test_an_on_policy_ratio_is_one_and_clips_nothing() -> None:
    for name in ("grpo_clipped", "rloo", "dr_grpo"):
        model, reference, rollouts, optimizer = setting()
        record = update(model, reference, optimizer, rollouts, RULES[name], TEMPERATURE, 0.0, 1.0).record()
        assert [record[name] for name in CLIP_RATIOS] == [0.0] * 5
        assert record[SAMPLING_DIFFERENCE[1]] < 1e-5


@pytest.mark.parametrize("poison", [math.nan, math.inf])
@pytest.mark.parametrize(
    ("poisoned", "rewards", "kl_coefficient"),
    [
        ("model", REWARDS, 0.0),
        ("model", REWARDS, 0.1),
        ("model", [0] * 8, 0.1),
        ("reference", REWARDS, 0.0),
        ("reference", [0] * 8, 0.0),
        ("reference", REWARDS, 0.1),
    ],
)
@pytest.mark.parametrize("name", ["reinforce", "grpo_clipped"])
def test_nothing_that_is_not_finite_reaches_a_weight(
    name: str, poison: float, poisoned: str, rewards: list[int], kl_coefficient: float
) -> None:
    model, reference, rollouts, optimizer = setting(rewards)
    with torch.no_grad():
        {"model": model, "reference": reference}[poisoned].model.norm.weight[0] = poison
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(NonFiniteError, match=r"^non_finite_(loss|gradient)$"):
        update(model, reference, optimizer, rollouts, RULES[name], TEMPERATURE, kl_coefficient, 1.0)
    for weight_name, weight in model.state_dict().items():
        assert torch.equal(weight.nan_to_num(7.0), before[weight_name].nan_to_num(7.0))


def test_a_gradient_that_overflows_is_told_from_a_loss() -> None:
    model, reference, rollouts, optimizer = setting()
    model.model.norm.weight.register_hook(lambda gradient: gradient * torch.inf)
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(NonFiniteError, match=r"^non_finite_gradient$"):
        update(model, reference, optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, 1.0)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(("limit", "clipped"), [(1e-3, True), (1e9, False)])
def test_the_gradients_norm_is_bounded_and_recorded_unbounded(limit: float, clipped: bool) -> None:
    model, reference, rollouts, optimizer = setting()
    metrics = update(model, reference, optimizer, rollouts, REINFORCE, TEMPERATURE, 0.0, limit)
    applied = global_norm([parameter.grad for parameter in model.parameters()]).item()
    assert applied == pytest.approx(limit if clipped else metrics.grad_norm, rel=1e-5)
    assert metrics.grad_norm > 1e-2


@pytest.mark.parametrize(
    ("name", "rewards"), [("reinforce", [0] * 8), ("grpo", [1] * 8), ("grpo_clipped", [0, 0, 0, 0, 1, 1, 1, 1])]
)
def test_a_step_that_teaches_nothing_is_finite_and_moves_nothing(name: str, rewards: list[int]) -> None:
    model, reference, rollouts, _ = setting(rewards)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, fused=True)
    before = copy.deepcopy(model.state_dict())
    metrics = update(model, reference, optimizer, rollouts, RULES[name], TEMPERATURE, 0.0, 1.0)
    assert (metrics.loss, metrics.grad_norm, metrics.lm_head_grad_norm) == (0.0, 0.0, 0.0)
    assert math.isfinite(metrics.kl)
    assert set(metrics.indicators.values()) == {None}
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("kl_coefficient", [0.0, 0.1])
@pytest.mark.parametrize("name", ["reinforce", "grpo_clipped"])
def test_an_update_in_parts_is_the_whole_one(monkeypatch: pytest.MonkeyPatch, name: str, kl_coefficient: float) -> None:
    """Parts of a row or two; what is lost at a border would change the loss, the gradient or an indicator."""
    records = []
    for logits in (policy_update.LOGITS_AT_A_TIME, 1, 37 * 9):
        monkeypatch.setattr(policy_update, "LOGITS_AT_A_TIME", logits)
        model, reference, rollouts, optimizer = setting()
        metrics = update(model, reference, optimizer, rollouts, RULES[name], TEMPERATURE, kl_coefficient, 1.0)
        gradients = [parameter.grad.flatten() for parameter in model.parameters()]
        measured = {name: value for name, value in metrics.record().items() if value is not None}
        records.append((measured, torch.cat(gradients)))
    for record, gradient in records[1:]:
        assert record == pytest.approx(records[0][0], rel=1e-5, abs=2e-6)
        torch.testing.assert_close(gradient, records[0][1], atol=1e-6, rtol=1e-5)
