"""One on-policy update: rollouts and rewards in, a gradient step out.

Rows of the batch with equal prompt and completion are computed once and carry their number as weight, and rows whose
weight is zero (a reward of 0 without a KL term) are not computed at all: the sum is the same, the time is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.rollouts import NonFiniteError, Rollouts
from workflow_scripts.training.update_rules import advantages, k3, kl_loss, policy_gradient_loss


@dataclass(frozen=True)
class DistinctRows:
    """R distinct (prompt, completion) rows of a batch of N: tokens, first place, number of equals, summed advantage."""

    tokens: list[list[int]]
    prompt_lengths: list[int]
    places: Tensor
    counts: Tensor
    advantages: Tensor

    def select(self, keep: Tensor) -> "DistinctRows":
        """The rows where ``keep`` [R] is true."""
        indices = keep.nonzero().flatten().tolist()
        return DistinctRows(
            [self.tokens[i] for i in indices],
            [self.prompt_lengths[i] for i in indices],
            self.places[indices],
            self.counts[indices],
            self.advantages[indices],
        )


class Steps(Protocol):
    """What an optimizer is asked for: one step by the gradients that its parameters hold."""

    def step(self) -> object: ...


@dataclass(frozen=True)
class UpdateMetrics:
    """Loss and gradient norms of one update; ``kl``: mean k3 per token against the campaign's first policy, in nats."""

    loss: float
    grad_norm: float
    lm_head_grad_norm: float
    kl: float


def merge_equal_rows(rollouts: Rollouts, advantage: Tensor) -> DistinctRows:
    """The distinct rows of the rollouts; ``advantage`` [P, G]."""
    group = advantage.shape[1]
    index: dict[tuple[int, tuple[int, ...]], int] = {}
    places: list[int] = []
    counts: list[float] = []
    sums: list[float] = []
    for row, value in enumerate(advantage.flatten().tolist()):
        length = int(rollouts.sampled.lengths[row])
        key = (row // group, tuple(rollouts.sampled.tokens[row, :length].tolist()))
        distinct = index.setdefault(key, len(index))
        if distinct == len(places):
            places.append(row)
            counts.append(0.0)
            sums.append(0.0)
        counts[distinct] += 1
        sums[distinct] += value
    prompts = [rollouts.prompts[problem] for problem, _ in index]
    tokens = [[*prompt, *completion] for prompt, (_, completion) in zip(prompts, index, strict=True)]
    return DistinctRows(
        tokens, [len(prompt) for prompt in prompts], torch.tensor(places), torch.tensor(counts), torch.tensor(sums)
    )


def completion_log_probabilities(model: Qwen2LM, rows: DistinctRows, temperature: float) -> tuple[Tensor, Tensor]:
    """Log-probabilities [R, T] of the completions' tokens at ``temperature`` and their mask [R, T]."""
    width = max(map(len, rows.tokens))
    ids = torch.tensor([[*tokens, *[0] * (width - len(tokens))] for tokens in rows.tokens])
    starts = torch.tensor(rows.prompt_lengths).unsqueeze(1)
    ends = torch.tensor([len(tokens) for tokens in rows.tokens]).unsqueeze(1)
    steps = torch.arange(int((ends - starts).max()))
    mask = steps < ends - starts
    # The token at position starts + t is predicted from the position before it.
    predicted_from = (starts + steps - 1).clamp(max=width - 1)
    hidden = model.hidden(ids)
    chosen = hidden.gather(1, predicted_from.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))[mask]
    targets = ids.gather(1, (predicted_from + 1).clamp(max=width - 1))[mask]
    flat = -F.cross_entropy(model.logits(chosen) / temperature, targets, reduction="none")
    return torch.zeros(mask.shape).masked_scatter(mask, flat), mask


def mean_kl(rollouts: Rollouts, rows: DistinctRows, reference: Tensor, mask: Tensor) -> float:
    """Mean k3 per sampled token between the policy that sampled and the reference's log-probabilities [R, T]."""
    policy = rollouts.sampled.log_probabilities[rows.places, : reference.shape[1]]
    return ((k3(policy, reference) * mask).sum(dim=1) @ rows.counts / (mask.sum(dim=1).float() @ rows.counts)).item()


def global_norm(gradients: Sequence[Tensor]) -> Tensor:
    """The Euclidean norm over all gradients together."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(gradients))))


def update(
    model: Qwen2LM,
    reference: Qwen2LM,
    optimizer: Steps,
    rollouts: Rollouts,
    update_rule: str,
    temperature: float,
    kl_coefficient: float,
    max_grad_norm: float,
) -> UpdateMetrics:
    """One gradient step of ``model``; raises ``NonFiniteError`` before a non-finite gradient reaches a weight."""
    every = merge_equal_rows(rollouts, advantages(update_rule, rollouts.rewards))
    total = every.counts.sum()
    with torch.no_grad():
        reference_log_probabilities, reference_mask = completion_log_probabilities(reference, every, temperature)
    rows = every if kl_coefficient > 0 else every.select(every.advantages != 0)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    loss = torch.zeros(())
    if rows.tokens:
        log_probabilities, mask = completion_log_probabilities(model, rows, temperature)
        loss = policy_gradient_loss(log_probabilities, mask, rows.advantages / total)
        if kl_coefficient > 0:
            kl_term = kl_loss(log_probabilities, reference_log_probabilities, mask, rows.counts / total)
            loss = loss + kl_coefficient * kl_term
        if not bool(torch.isfinite(loss)):
            raise NonFiniteError("non_finite_loss")
        loss.backward()
    gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
    norm = global_norm(gradients)
    if not bool(torch.isfinite(norm)):
        raise NonFiniteError("non_finite_gradient")
    kl = mean_kl(rollouts, every, reference_log_probabilities, reference_mask)
    if not math.isfinite(kl):
        raise NonFiniteError("non_finite_loss")
    head_norm = 0.0 if model.output_weight.grad is None else model.output_weight.grad.norm().item()
    if norm > max_grad_norm:
        torch._foreach_mul_(gradients, max_grad_norm / norm.item())
    optimizer.step()
    return UpdateMetrics(loss.item(), norm.item(), head_norm, kl)
