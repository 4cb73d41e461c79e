"""What the loss of a batch was made of, put together from what was computed for its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.training.update.distinct_rows import DistinctRows


@dataclass(frozen=True)
class Computed:
    """What the loss of R rows was made of: log-probabilities [R, T], mask [R, T] and, if any, ratios [R, T or 1]."""

    log_probabilities: Tensor
    mask: Tensor
    ratio: Tensor | None


Part = tuple[Tensor, Computed]
"""The places in the batch of some rows, and what was computed for them."""


def assemble(rows: DistinctRows, parts: Sequence[Part]) -> Computed | None:
    """What was computed for all ``rows``, from parts that cover them; None for no rows."""
    if not rows.tokens:
        return None
    indices = [torch.searchsorted(rows.places, places) for places, _ in parts]
    ratios = [values.ratio for _, values in parts if values.ratio is not None]
    return Computed(
        collect_rows(rows, indices, [values.log_probabilities for _, values in parts], 0.0),
        collect_rows(rows, indices, [values.mask for _, values in parts], False),
        collect_rows(rows, indices, ratios, 1.0) if ratios else None,
    )


def collect_rows(rows: DistinctRows, indices: Sequence[Tensor], parts: Sequence[Tensor], padding: float) -> Tensor:
    """One tensor for all R rows from parts [r, t] at their ``indices``; as wide as the widest part."""
    whole = torch.full((len(rows.tokens), max(part.shape[1] for part in parts)), padding, dtype=parts[0].dtype)
    for index, part in zip(indices, parts, strict=True):
        whole[index, : part.shape[1]] = part
    return whole
