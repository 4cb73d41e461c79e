"""Advantages, the policy gradient and the KL estimate, by hand and by their properties."""

import pytest
import torch

from workflow_scripts.core.errors import UserError
from workflow_scripts.training.update_rules import advantages, k3, kl_loss, policy_gradient_loss

torch.set_num_threads(1)


def test_reinforce_takes_the_raw_reward() -> None:
    rewards = torch.tensor([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    assert torch.equal(advantages("reinforce", rewards), rewards)


def test_an_unknown_rule_is_a_users_mistake() -> None:
    with pytest.raises(UserError, match="update rule 'ppo' is unknown; known: reinforce"):
        advantages("ppo", torch.zeros(1, 2))


def test_the_policy_gradient_loss_by_hand() -> None:
    log_probabilities = torch.tensor([[-1.0, -2.0, -9.0], [-3.0, -9.0, -9.0]])
    mask = torch.tensor([[True, True, False], [True, False, False]])
    loss = policy_gradient_loss(log_probabilities, mask, torch.tensor([0.5, 0.25]))
    assert loss.item() == pytest.approx(0.5 * 3 + 0.25 * 3)


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


def test_the_kl_term_averages_over_each_rows_own_tokens() -> None:
    policy, reference = torch.full((2, 3), -1.0), torch.full((2, 3), -2.0)
    mask = torch.tensor([[True, True, True], [True, False, False]])
    term = kl_loss(policy, reference, mask, torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(term, k3(policy, reference)[0, 0])
    assert kl_loss(policy, reference, torch.zeros(2, 3, dtype=torch.bool), torch.ones(2)).item() == 0
