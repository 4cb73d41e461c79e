"""The update that merges and drops rows is the plain sum over all rows."""

import copy
import math

import pytest
import torch

from tests.models.tiny_models import make_model
from tests.training.synthetic_rollouts import make_rollouts
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.policy_update import (
    NonFiniteError,
    completion_log_probabilities,
    global_norm,
    mean_kl,
    merge_equal_rows,
    update,
)
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.update_rules import k3

torch.set_num_threads(1)

TEMPERATURE = 0.7
PROMPTS = [[5, 6, 7], [8, 9]]
# Equal rows within a problem, one row that both problems share, one that was cut and is another's beginning.
COMPLETIONS = [[1, 2, 0], [1, 2, 0], [3, 0], [4, 4, 4, 4, 4], [1, 2, 0], [1, 2], [6, 0], [6, 0]]
REWARDS = [1, 1, 0, 1, 1, 0, 1, 0]


def plain_losses(model: Qwen2LM, reference: Qwen2LM, rollouts: Rollouts, rewards: list[int]) -> tuple:
    """The policy loss, the KL term and the mean k3 per token: a loop over all N rows and their tokens."""
    policy_loss, kl_term, divergences = torch.zeros(()), torch.zeros(()), []
    for row, reward in enumerate(rewards):
        prompt, tokens = rollouts.prompts[row // 4], COMPLETIONS[row]
        ids = torch.tensor([[*prompt, *tokens]])
        places = torch.arange(len(prompt) - 1, len(prompt) + len(tokens) - 1)
        ours = (model(ids)[0] / TEMPERATURE).log_softmax(-1)[places, tokens]
        with torch.no_grad():
            theirs = (reference(ids)[0] / TEMPERATURE).log_softmax(-1)[places, tokens]
        policy_loss = policy_loss - reward * ours.sum() / len(rewards)
        kl_term = kl_term + k3(ours, theirs).mean() / len(rewards)
        divergences += k3(ours, theirs).tolist()
    return policy_loss, kl_term, sum(divergences) / len(divergences)


def setting(rewards: list[int] = REWARDS, learning_rate: float = 0.1):
    model, reference = make_model(seed=1), make_model(seed=2)
    rollouts = make_rollouts(model, PROMPTS, COMPLETIONS, rewards, TEMPERATURE)
    return model, reference, rollouts, torch.optim.SGD(model.parameters(), lr=learning_rate)


@pytest.mark.parametrize("kl_coefficient", [0.0, 0.05])
@pytest.mark.parametrize("rewards", [REWARDS, [0, 0, 0, 0, 0, 0, 1, 0], [0] * 8])
def test_loss_and_step_are_those_of_the_plain_sum(rewards: list[int], kl_coefficient: float) -> None:
    model, reference, rollouts, optimizer = setting(rewards)
    plain = copy.deepcopy(model)
    metrics = update(model, reference, optimizer, rollouts, "reinforce", TEMPERATURE, kl_coefficient, 1e9)

    policy_loss, kl_term, divergence = plain_losses(plain, reference, rollouts, rewards)
    loss = policy_loss + kl_coefficient * kl_term
    gradients = [torch.zeros_like(parameter) for parameter in plain.parameters()]
    if loss.requires_grad:
        gradients = torch.autograd.grad(loss, list(plain.parameters()))
    assert metrics.loss == pytest.approx(loss.item(), rel=1e-5, abs=1e-7)
    assert metrics.kl == pytest.approx(divergence, rel=1e-4)
    norm = math.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    assert metrics.grad_norm == pytest.approx(norm, rel=1e-4)
    assert metrics.lm_head_grad_norm == pytest.approx(gradients[0].norm().item(), rel=1e-4)
    for parameter, before, gradient in zip(model.parameters(), plain.parameters(), gradients, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-6, rtol=1e-4)
        torch.testing.assert_close(parameter, before - 0.1 * gradient, atol=1e-6, rtol=1e-4)


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
    kept = rows.select(rows.advantages != 0)
    assert (kept.tokens, kept.prompt_lengths) == ([rows.tokens[i] for i in (0, 2, 3, 5)], [3, 3, 2, 2])


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
        theirs, mask = completion_log_probabilities(reference, rows, TEMPERATURE)
        expected = plain_losses(model, reference, rollouts, REWARDS)[2]
    assert mean_kl(rollouts, rows, theirs, mask) == pytest.approx(expected, rel=1e-4)


def test_the_first_updates_divergence_is_zero_to_rounding_and_never_below() -> None:
    model, _, rollouts, optimizer = setting()
    metrics = update(model, copy.deepcopy(model), optimizer, rollouts, "reinforce", TEMPERATURE, 0.0, 1.0)
    assert 0 <= metrics.kl < 1e-10


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
def test_nothing_that_is_not_finite_reaches_a_weight(
    poison: float, poisoned: str, rewards: list[int], kl_coefficient: float
) -> None:
    model, reference, rollouts, optimizer = setting(rewards)
    with torch.no_grad():
        {"model": model, "reference": reference}[poisoned].model.norm.weight[0] = poison
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(NonFiniteError, match=r"^non_finite_(loss|gradient)$"):
        update(model, reference, optimizer, rollouts, "reinforce", TEMPERATURE, kl_coefficient, 1.0)
    for name, weight in model.state_dict().items():
        assert torch.equal(weight.nan_to_num(7.0), before[name].nan_to_num(7.0))


def test_a_gradient_that_overflows_is_told_from_a_loss() -> None:
    model, reference, rollouts, optimizer = setting()
    model.model.norm.weight.register_hook(lambda gradient: gradient * torch.inf)
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(NonFiniteError, match=r"^non_finite_gradient$"):
        update(model, reference, optimizer, rollouts, "reinforce", TEMPERATURE, 0.0, 1.0)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize(("limit", "clipped"), [(1e-3, True), (1e9, False)])
def test_the_gradients_norm_is_bounded_and_recorded_unbounded(limit: float, clipped: bool) -> None:
    model, reference, rollouts, optimizer = setting()
    metrics = update(model, reference, optimizer, rollouts, "reinforce", TEMPERATURE, 0.0, limit)
    applied = global_norm([parameter.grad for parameter in model.parameters()]).item()
    assert applied == pytest.approx(limit if clipped else metrics.grad_norm, rel=1e-5)
    assert metrics.grad_norm > 1e-2


def test_a_step_without_rewards_is_finite_and_moves_nothing() -> None:
    model, reference, rollouts, _ = setting([0] * 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, fused=True)
    before = copy.deepcopy(model.state_dict())
    metrics = update(model, reference, optimizer, rollouts, "reinforce", TEMPERATURE, 0.0, 1.0)
    assert (metrics.loss, metrics.grad_norm, metrics.lm_head_grad_norm) == (0.0, 0.0, 0.0)
    assert math.isfinite(metrics.kl)
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
