"""Update rules as pure functions of tensors (paper sections 5.1 and 5.9)."""

import torch
from torch import Tensor

from workflow_scripts.core.errors import UserError


def reinforce_advantages(rewards: Tensor) -> Tensor:
    """Advantages [P, G] of rewards [P, G]: the raw reward, without baseline or normalisation (paper section 5.1).

    Williams (1992), "Simple statistical gradient-following algorithms", equation 11 with baseline 0.
    """
    return rewards


ADVANTAGES = {"reinforce": reinforce_advantages}


def advantages(update_rule: str, rewards: Tensor) -> Tensor:
    """Advantages [P, G] of rewards [P, G] (P problems, G samples each) under the named update rule."""
    if update_rule not in ADVANTAGES:
        raise UserError(f"update rule {update_rule!r} is unknown; known: {', '.join(ADVANTAGES)}")
    return ADVANTAGES[update_rule](rewards)


def policy_gradient_loss(log_probabilities: Tensor, mask: Tensor, weights: Tensor) -> Tensor:
    """The scalar loss  - sum_i weights_i sum_t log pi(token_it),  whose gradient is the policy gradient's estimate.

    log_probabilities [R, T] of the sampled tokens, mask [R, T] true at tokens of the completion, weights [R]: the
    advantage times the share of the batch that the row stands for (1/N for a batch of N distinct rows).
    """
    return -(weights * (log_probabilities * mask).sum(dim=1)).sum()


def k3(log_probabilities: Tensor, reference: Tensor) -> Tensor:
    """Per-token estimate [R, T] of KL(policy || reference), unbiased and never negative.

    Schulman (2020), "Approximating KL divergence": k3 = r - 1 - log r with r = reference / policy.
    """
    log_ratio = reference - log_probabilities
    # exp(x) - 1 loses the bits of a small x, and the difference would turn negative.
    return torch.expm1(log_ratio) - log_ratio


def kl_loss(log_probabilities: Tensor, reference: Tensor, mask: Tensor, shares: Tensor) -> Tensor:
    """The scalar KL term  sum_i shares_i mean_t k3_it  before its coefficient.

    log_probabilities, reference, mask [R, T]; shares [R]: the share of the batch that the row stands for.
    """
    per_row = (k3(log_probabilities, reference) * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
    return (shares * per_row).sum()
