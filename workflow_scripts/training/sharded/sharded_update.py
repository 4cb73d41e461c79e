"""One gradient step over several processes, in batches that fit into memory; its sum is that of one process."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from workflow_scripts.models.hugging_face import HuggingFacePolicy
from workflow_scripts.training.rollouts import NonFiniteError
from workflow_scripts.training.sharded.data_parallel import DataParallel, split_rows
from workflow_scripts.training.sharded.sharding import clip, free_between_steps, global_norm
from workflow_scripts.training.update.adam import Steps


@dataclass(frozen=True)
class GradientStep:
    """The loss over all rows and the norms of its gradient before clipping; equal in every process."""

    loss: float
    grad_norm: float
    lm_head_grad_norm: float


class Rows(Protocol):
    """Distinct rows of a batch; ``tokens`` are prompt and completion of each."""

    @property
    def tokens(self) -> Sequence[Sequence[int]]: ...

    def select(self, keep: Tensor) -> Self:
        """The rows where ``keep`` [R] is true."""


R = TypeVar("R", bound=Rows)


def take_gradient_step(
    policy: HuggingFacePolicy,
    optimizer: Steps,
    rows: R,
    row_loss: Callable[[R], Tensor],
    max_grad_norm: float,
    tokens_per_batch: int,
    processes: DataParallel,
) -> GradientStep:
    """Sum ``row_loss`` over ``rows`` and step down its gradient; raises ``NonFiniteError`` in all processes alike.

    ``row_loss`` gives the scalar loss of some of the rows; added over any division of the rows it is the loss.
    ``tokens_per_batch`` bounds what one forward and backward pass computes, padding included.
    """
    free_between_steps(policy)
    for parameter in policy.parameters():
        parameter.grad = torch.zeros_like(parameter)
    loss = torch.zeros((), device=processes.device)
    split = split_rows([len(tokens) for tokens in rows.tokens], processes.size, tokens_per_batch)
    for batch in split[processes.rank]:
        # Whoever has no row left takes part in the collectives with a row that counts for nothing.
        part = row_loss(rows_at(rows, batch or [0])) * float(bool(batch))
        part.backward()
        loss += part.detach()
    loss_value = processes.total(loss).item()
    if not math.isfinite(loss_value):
        raise NonFiniteError("non_finite_loss")
    gradients = [parameter.grad for parameter in policy.parameters() if parameter.grad is not None]
    norm = global_norm(gradients, processes).item()
    if not math.isfinite(norm):
        raise NonFiniteError("non_finite_gradient")
    head = policy.output_weight.grad
    head_norm = 0.0 if head is None else global_norm([head], processes).item()
    clip(gradients, norm, max_grad_norm)
    optimizer.step()
    return GradientStep(loss_value, norm, head_norm)


def rows_at(rows: R, indices: list[int]) -> R:
    """The rows with these numbers."""
    keep = torch.zeros(len(rows.tokens), dtype=torch.bool)
    keep[indices] = True
    return rows.select(keep)
