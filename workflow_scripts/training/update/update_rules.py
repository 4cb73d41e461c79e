"""Update rules as pure functions of tensors (paper sections 5.1 and 5.9, appendix H).

Shapes: P problems x G samples; R rows (completions, or distinct ones with weights) of up to T tokens, whose mask [R, T]
is true at tokens of the completion. Log-probabilities are at the sampling temperature, in nats.
"""

from typing import get_args

import torch
from torch import Tensor

from workflow_scripts.core.training_models import Aggregation
from workflow_scripts.training.settings import UpdateRule

STD_FLOOR = 1e-4  # added to a group's standard deviation, as TRL does


def centred_rewards(rewards: Tensor, scale_rewards: str) -> Tensor:
    """Advantages [P, G]: r - mean over the group; under ``group`` divided by its standard deviation + 1e-4.

    Shao et al. (2024), "DeepSeekMath", arXiv:2402.03300, section 4.1.2; under ``none`` Liu et al. (2025),
    "Understanding R1-Zero-Like Training", arXiv:2503.20783, section 3.2 (Dr. GRPO). The deviation is the sample's, with
    G - 1; groups have two members or more.
    """
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    return centred / (rewards.std(dim=1, keepdim=True) + STD_FLOOR) if scale_rewards == "group" else centred


def leave_one_out_advantages(rewards: Tensor) -> Tensor:
    """Advantages [P, G]: r - mean over the G - 1 others of the group.

    Ahmadian et al. (2024), "Back to Basics", arXiv:2402.14740 (RLOO).
    """
    return rewards - (rewards.sum(dim=1, keepdim=True) - rewards) / (rewards.shape[1] - 1)


def advantages(rule: UpdateRule, rewards: Tensor) -> Tensor:
    """Advantages [P, G] of rewards [P, G] under the rule; without a baseline the raw reward (paper section 5.1).

    Williams (1992), "Simple statistical gradient-following algorithms", equation 11, with baseline 0.
    """
    if rule.use_score_centering:
        return centred_rewards(rewards, rule.scale_rewards)
    return leave_one_out_advantages(rewards) if rule.leave_one_out else rewards


def importance_ratio(log_probabilities: Tensor, sampler: Tensor, mask: Tensor, level: str) -> Tensor:
    """Policy / sampler from log-probabilities [R, T] of both: per token [R, T] under ``token``, else per row [R, 1].

    ``token``: PPO, Schulman et al. (2017), arXiv:1707.06347, equation 6. ``sequence_sum``: of the whole row, as TRL's
    RLOO.
    """
    log_ratio = (log_probabilities - sampler) * mask
    return (log_ratio if level == "token" else log_ratio.sum(dim=1, keepdim=True)).exp()


def clipped(ratio: Tensor, gains: Tensor, epsilon: float, epsilon_high: float) -> Tensor:
    """The ratio [R, T or 1] that times the advantage is PPO's clipped objective; ``gains`` [R]: advantage above 0.

    min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon_high) A) / A: Schulman et al. (2017), equation 7; with two bounds
    Yu et al. (2025), "DAPO", arXiv:2503.14476, equation 10.
    """
    bounded = ratio.clamp(1 - epsilon, 1 + epsilon_high)
    return torch.where(gains.unsqueeze(1), torch.minimum(ratio, bounded), torch.maximum(ratio, bounded))


def k3(log_probabilities: Tensor, reference: Tensor) -> Tensor:
    """Per-token estimate [R, T] of KL(policy || reference), unbiased and never negative.

    Schulman (2020), "Approximating KL divergence": k3 = r - 1 - log r with r = reference / policy.
    """
    log_ratio = reference - log_probabilities
    # exp(x) - 1 loses the bits of a small x, and the difference would turn negative.
    return torch.expm1(log_ratio) - log_ratio


def aggregate(values: Tensor, mask: Tensor, mode: str, longest: int) -> Tensor:
    """Each row's part [R] of values [R, T or 1], whose mean over all completions of the batch is the batch's value.

    Modes, with verl's names (``agg_loss``):

    - ``seq-mean-token-sum``: the sum over the row's tokens (REINFORCE);
    - ``seq-mean-token-mean``: the mean over them (GRPO, arXiv:2402.03300, equation 3);
    - ``seq-mean-token-sum-norm``: the sum over ``longest``, the limit of a completion's length (Dr. GRPO,
      arXiv:2503.20783, listing 1).
    """
    sums = (values * mask).sum(dim=1)
    if mode == "seq-mean-token-sum":
        return sums
    if mode == "seq-mean-token-mean":
        return sums / mask.sum(dim=1).clamp(min=1)
    if mode == "seq-mean-token-sum-norm":
        return sums / longest
    raise ValueError(f"aggregation {mode!r} is unknown; known: {', '.join(get_args(Aggregation))}")


def policy_gradient_loss(objective: Tensor, weights: Tensor) -> Tensor:
    """The scalar loss - sum_i weights_i objective_i of aggregated objectives [R].

    weights [R]: the advantage times the share of the batch that the row stands for (1/N for a batch of N distinct
    rows). With log-probabilities as objective its gradient is the policy gradient's estimate.
    """
    return -(weights * objective).sum()


def penalty(parts: Tensor, shares: Tensor) -> Tensor:
    """The scalar sum_i shares_i parts_i of aggregated values [R], before its coefficient.

    shares [R]: the share of the batch that the row stands for.
    """
    return (shares * parts).sum()
