"""Advantages, ratios, aggregation and the KL estimate, by hand and by their properties."""

from typing import get_args

import pytest
import torch

from tests.makers.settings import changed
from tests.training.declared_rules import REINFORCE, RULES
from workflow_scripts.core.training_models import Aggregation
from workflow_scripts.training.update.update_rules import (
    advantages,
    aggregate,
    centred_rewards,
    clipped,
    importance_ratio,
    k3,
    leave_one_out_advantages,
    penalty,
    policy_gradient_loss,
)

torch.set_num_threads(1)

REWARDS = torch.tensor([[0.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
MASK = torch.tensor([[True, True, True, False], [True, False, False, False]])


def test_reinforce_takes_the_raw_reward() -> None:
    assert advantages(REINFORCE, REWARDS) is REWARDS


def test_the_papers_grpo_is_reinforce_with_two_changes() -> None:
    two = {"name": "grpo", "use_score_centering": True, "num_alter_tokens": 4}
    assert RULES["grpo"] == changed(REINFORCE, **two)
    assert not RULES["grpo"].use_importance_sampling_ratio


def test_score_centering_by_hand() -> None:
    expected = torch.tensor([-0.75, 0.25, 0.25, 0.25]) / (0.5 + 1e-4)  # the sample's deviation: sqrt(3 x 1/12)
    centred = advantages(RULES["grpo"], REWARDS)
    torch.testing.assert_close(centred[0], expected)
    assert not centred[1:].any()  # a group without variance teaches nothing
    torch.testing.assert_close(advantages(RULES["dr_grpo"], REWARDS)[0], expected * (0.5 + 1e-4))


@pytest.mark.parametrize("scale_rewards", ["group", "none"])
def test_centred_advantages_sum_to_zero(scale_rewards: str) -> None:
    rewards = torch.rand(50, 16, generator=torch.Generator().manual_seed(2))
    assert centred_rewards(rewards, scale_rewards).sum(dim=1).abs().max() < 1e-5


def test_leaving_one_out_by_hand_and_as_a_multiple_of_the_centred_reward() -> None:
    left_out = advantages(RULES["rloo"], REWARDS)
    torch.testing.assert_close(left_out[0], torch.tensor([-1.0, 1 / 3, 1 / 3, 1 / 3]))
    assert not left_out[1:].any()
    torch.testing.assert_close(leave_one_out_advantages(REWARDS), centred_rewards(REWARDS, "none") * 4 / 3)


def test_ratios_by_hand() -> None:
    policy, sampler = torch.zeros(2, 4), torch.tensor([[0.3, -0.6, 0.6, 99.0], [0.2, 99.0, 99.0, 99.0]])
    tokens = importance_ratio(policy, sampler, MASK, "token")
    torch.testing.assert_close(tokens[0, :3].log(), torch.tensor([-0.3, 0.6, -0.6]))
    whole = importance_ratio(policy, sampler, MASK, "sequence_sum")
    torch.testing.assert_close(whole.log(), torch.tensor([[-0.3], [-0.2]]))


def test_the_clipped_objective_is_the_pessimistic_one() -> None:
    ratio = torch.tensor([[0.5, 0.9, 1.1, 2.0]]).expand(2, -1)
    gains = torch.tensor([True, False])
    expected = torch.tensor([[0.5, 0.9, 1.1, 1.28], [0.8, 0.9, 1.1, 2.0]])
    torch.testing.assert_close(clipped(ratio, gains, 0.2, 0.28), expected)
    for advantage, own in zip((1.7, -0.4), clipped(ratio, gains, 0.2, 0.28), strict=True):
        plain = torch.minimum(ratio[0] * advantage, ratio[0].clamp(0.8, 1.28) * advantage)
        torch.testing.assert_close(own * advantage, plain)


def test_no_gradient_flows_through_a_clipped_ratio() -> None:
    ratio = torch.tensor([[0.5, 1.0, 2.0], [0.5, 1.0, 2.0]], requires_grad=True)
    clipped(ratio, torch.tensor([True, False]), 0.2, 0.2).sum().backward()
    assert ratio.grad.tolist() == [[1, 1, 0], [0, 1, 1]]


def test_aggregation_by_hand() -> None:
    values = torch.tensor([[1.0, 2.0, 6.0, 99.0], [5.0, 99.0, 99.0, 99.0]])
    expected = {
        "seq-mean-token-sum": (9 + 5) / 2,
        "seq-mean-token-mean": (3 + 5) / 2,
        "seq-mean-token-sum-norm": (9 + 5) / 2 / 10,
    }
    assert set(expected) == set(get_args(Aggregation))
    for mode, value in expected.items():
        parts = aggregate(values, MASK, mode, 10)
        assert parts.mean().item() == pytest.approx(value), mode
    with pytest.raises(ValueError, match=r"aggregation 'mean' is unknown; known: seq-mean-token-sum, "):
        aggregate(values, MASK, "mean", 10)


def test_one_value_per_row_counts_for_each_of_its_tokens() -> None:
    for mode in get_args(Aggregation):
        one, each = (
            aggregate(values, MASK, mode, 10)
            for values in (torch.tensor([[3.0], [5.0]]), torch.tensor([[3.0] * 4, [5.0] * 4]))
        )
        assert torch.equal(one, each)


def test_the_policy_gradient_loss_by_hand() -> None:
    objective = torch.tensor([-3.0, -5.0])
    assert policy_gradient_loss(objective, torch.tensor([0.5, 0.25])).item() == pytest.approx(0.5 * 3 + 0.25 * 5)
    assert penalty(objective, torch.tensor([0.5, 0.25])).item() == pytest.approx(-0.5 * 3 - 0.25 * 5)


def test_k3_is_zero_at_equality_and_never_negative() -> None:
    policy = -torch.rand(1000) * 20
    assert not k3(policy, policy).any()
    sizes = 10 ** torch.empty(200_000).uniform_(-9, 1.3, generator=torch.Generator().manual_seed(0))
    ratios = torch.cat((sizes, -sizes))
    assert (k3(torch.zeros_like(ratios), ratios) >= 0).all()


def test_k3_by_hand() -> None:
    value = k3(torch.tensor(0.5).log(), torch.tensor(0.25).log())
    assert value.item() == pytest.approx(0.5 - 1 + 0.6931472)


def test_k3_estimates_the_divergence_without_bias() -> None:
    policy, reference = (torch.randn(2, 6, generator=torch.Generator().manual_seed(1))).log_softmax(-1)
    exact = (policy.exp() * (policy - reference)).sum()
    expected = (policy.exp() * k3(policy, reference)).sum()
    torch.testing.assert_close(expected, exact)
