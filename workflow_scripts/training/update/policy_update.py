"""One on-policy update: rollouts and rewards in, a gradient step out.

Rows of the batch with equal prompt and completion are computed once and carry their number as weight, and rows whose
weight is zero (an advantage of 0 without another term in the loss) are not computed at all: the sum is the same, the
time is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.training.policies import Policy, Scorer
from workflow_scripts.training.rollouts import NonFiniteError, Rollouts
from workflow_scripts.training.settings import UpdateRule
from workflow_scripts.training.update.adam import Steps
from workflow_scripts.training.update.computed_rows import Computed, Part, assemble
from workflow_scripts.training.update.distinct_rows import (
    DistinctRows,
    at_tokens,
    completion_log_probabilities,
    completion_logits,
    merge_equal_rows,
)
from workflow_scripts.training.update.update_rules import (
    advantages,
    aggregate,
    clipped,
    importance_ratio,
    k3,
    penalty,
    policy_gradient_loss,
)

# So many logits are computed at a time, on the way forward and back: with what their tokens need of the decoder, 0.7 GB
# at 30 layers of 576. The steps of the tiny models are below it.
LOGITS_AT_A_TIME = 1 << 24

# What a step's record says of the update, under TRL's names; null where the rule or the step has no such thing.
SAMPLING_DIFFERENCE = ("sampling/sampling_logp_difference/mean", "sampling/sampling_logp_difference/max")
CLIP_RATIOS = (
    "clip_ratio/low_mean", "clip_ratio/low_min", "clip_ratio/high_mean", "clip_ratio/high_max",
    "clip_ratio/region_mean",
)  # fmt: skip


@dataclass(frozen=True)
class UpdateMetrics:
    """Loss and gradient norms of one update.

    ``kl``: mean k3 per token against the campaign's first policy, in nats; None where it was not measured.
    ``indicators``: the rest of the step's record, by the names in ``SAMPLING_DIFFERENCE`` and ``CLIP_RATIOS``.
    """

    loss: float
    grad_norm: float
    lm_head_grad_norm: float
    kl: float | None
    indicators: dict[str, float | None]

    def record(self) -> dict[str, float | None]:
        """The part of a step's trace that the update determines."""
        own = {name: getattr(self, name) for name in ("loss", "grad_norm", "lm_head_grad_norm", "kl")}
        return own | self.indicators


def mean_kl(rollouts: Rollouts, rows: DistinctRows, reference: Computed | None) -> float | None:
    """Mean k3 per sampled token between the policy that sampled and the reference; None without a reference.

    One that is not finite is a ``NonFiniteError``.
    """
    if reference is None:
        return None
    policy = rollouts.sampled.log_probabilities[rows.places, : reference.mask.shape[1]]
    per_token = k3(policy, reference.log_probabilities) * reference.mask
    kl = (per_token.sum(dim=1) @ rows.counts / (rows.lengths @ rows.counts)).item()
    if not math.isfinite(kl):
        raise NonFiniteError("non_finite_loss")
    return kl


def rows_loss(
    model: Policy,
    rows: DistinctRows,
    rollouts: Rollouts,
    every: DistinctRows,
    reference: Computed | None,
    rule: UpdateRule,
    temperature: float,
    kl_coefficient: float,
) -> tuple[Tensor, Computed]:
    """What ``rows`` add to the scalar loss of a batch with distinct rows ``every``.

    Over any division of the rows these sum up to the loss. ``reference``: of ``every`` under the campaign's first
    policy, needed where there is a KL term. The sampler's log-probabilities, which the rollouts hold,
    are the "old" ones of an importance ratio: the policy has not moved since it sampled, so the ratio shows how far
    sampler and trainer compute alike.
    """
    logits, targets, mask = completion_logits(model, rows, temperature)
    log_probabilities = at_tokens(-F.cross_entropy(logits, targets, reduction="none"), mask)
    device = log_probabilities.device
    total, longest = every.counts.sum(), rollouts.sampled.tokens.shape[1]
    objective, ratio = log_probabilities, None
    if rule.use_importance_sampling_ratio:
        sampler = rollouts.sampled.log_probabilities[rows.places, : mask.shape[1]].to(device)
        ratio = importance_ratio(log_probabilities, sampler, mask, rule.importance_sampling_level)
        objective = clipped(ratio, (rows.advantages > 0).to(device), rule.epsilon, rule.epsilon_high)
    per_row = aggregate(objective, mask, rule.loss_agg_mode, longest)
    loss = policy_gradient_loss(per_row, (rows.advantages / total).to(device))
    if kl_coefficient > 0:
        assert reference is not None
        places = torch.searchsorted(every.places, rows.places)
        theirs = reference.log_probabilities[places, : mask.shape[1]].to(device)
        per_row = aggregate(k3(log_probabilities, theirs), mask, rule.kl_agg_mode, longest)
        loss = loss + kl_coefficient * penalty(per_row, (rows.counts / total).to(device))
    return loss, Computed(log_probabilities.detach(), mask, None if ratio is None else ratio.detach())


def sampling_difference(computed: Computed, rows: DistinctRows, rollouts: Rollouts) -> dict[str, float]:
    """Mean over the rows' tokens and maximum of |trainer - sampler|, in nats."""
    mask = computed.mask
    sampler = rollouts.sampled.log_probabilities[rows.places, : mask.shape[1]]
    difference = (computed.log_probabilities - sampler).abs() * mask
    mean = (difference.sum(dim=1) @ rows.counts) / (rows.lengths @ rows.counts)
    return dict(zip(SAMPLING_DIFFERENCE, (mean.item(), difference.max().item()), strict=True))


def clip_ratios(computed: Computed, rows: DistinctRows, every: DistinctRows, rule: UpdateRule) -> dict[str, float]:
    """What share of the ratios was clipped, as TRL defines it; empty where there are none.

    Means are over the tokens of the whole batch, or over its rows where a row has one ratio; ``low_min`` and
    ``high_max`` are over rows. Those of ``every`` that are not in ``rows`` have advantage 0 and are never clipped.
    """
    ratio = computed.ratio
    if ratio is None:
        return {}
    per_token = rule.importance_sampling_level == "token"
    counted = computed.mask if per_token else torch.ones_like(ratio, dtype=torch.bool)
    own, sign = counted.sum(dim=1), rows.advantages.sign().unsqueeze(1)
    low = ((ratio < 1 - rule.epsilon) & (sign < 0) & counted).sum(dim=1)
    high = ((ratio > 1 + rule.epsilon_high) & (sign > 0) & counted).sum(dim=1)
    total = every.counts @ (every.lengths if per_token else torch.ones_like(every.lengths))
    low_mean, high_mean = (float(part.to(total.dtype) @ rows.counts / total) for part in (low, high))
    values = (low_mean, float((low / own).min()), high_mean, float((high / own).max()), low_mean + high_mean)
    return dict(zip(CLIP_RATIOS, values, strict=True))


def indicators_of(
    computed: Computed | None, rows: DistinctRows, every: DistinctRows, rollouts: Rollouts, rule: UpdateRule
) -> dict[str, float | None]:
    """How far sampler and trainer differ on ``rows``, and what was clipped; null where no row was computed."""
    found: dict[str, float | None] = dict.fromkeys((*SAMPLING_DIFFERENCE, *CLIP_RATIOS))
    if computed is not None:
        found |= sampling_difference(computed, rows, rollouts) | clip_ratios(computed, rows, every, rule)
    return found


@torch.no_grad()
def score_rows(model: Scorer, rows: DistinctRows, temperature: float, tokens: int) -> Computed:
    """The policy's log-probabilities of all rows, of so many tokens at a time."""
    parts: list[Part] = []
    for part in rows.divide(tokens):
        log_probabilities, mask = completion_log_probabilities(model, part, temperature)
        parts.append((part.places, Computed(log_probabilities, mask, None)))
    scored = assemble(rows, parts)
    assert scored is not None, "a step has at least one row"
    return scored


def global_norm(gradients: Sequence[Tensor]) -> Tensor:
    """The Euclidean norm over all gradients together."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(gradients))))


def update(
    model: Policy,
    reference: Scorer | None,
    optimizer: Steps,
    rollouts: Rollouts,
    rule: UpdateRule,
    temperature: float,
    kl_coefficient: float,
    max_grad_norm: float,
) -> UpdateMetrics:
    """One gradient step of ``model``; raises ``NonFiniteError`` before a non-finite gradient reaches a weight.

    ``reference``: what the KL is measured against; None where it is not, which a KL term rules out.
    """
    advantage = advantages(rule, rollouts.learned_from(rule.reward))
    every = merge_equal_rows(rollouts, advantage, rule.use_importance_sampling_ratio)
    tokens = LOGITS_AT_A_TIME // len(model.output_weight)
    known = None if reference is None else score_rows(reference, every, temperature, tokens)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    rows = every if kl_coefficient > 0 else every.select(every.advantages != 0)
    loss, parts = torch.zeros(()), list[Part]()
    for part in rows.divide(tokens):
        part_loss, computed = rows_loss(model, part, rollouts, every, known, rule, temperature, kl_coefficient)
        if not bool(torch.isfinite(part_loss)):
            raise NonFiniteError("non_finite_loss")
        part_loss.backward()
        loss += part_loss.detach()
        parts.append((part.places, computed))
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    norm = global_norm(gradients)
    if not bool(torch.isfinite(norm)):
        raise NonFiniteError("non_finite_gradient")
    kl = mean_kl(rollouts, every, known)
    head_norm = 0.0 if model.output_weight.grad is None else model.output_weight.grad.norm().item()
    if norm > max_grad_norm:
        torch._foreach_mul_(gradients, max_grad_norm / norm.item())
    optimizer.step()
    indicators = indicators_of(assemble(rows, parts), rows, every, rollouts, rule)
    return UpdateMetrics(loss.item(), norm.item(), head_norm, kl, indicators)
