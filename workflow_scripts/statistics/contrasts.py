"""Paired contrasts between two controllers: the difference seed by seed, its intervals and an exact sign-flip test."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workflow_scripts.statistics.intervals import Bootstrap, mean, mean_intervals

_MAX_PAIRS = 24  # 2^24 sign patterns are 128 MiB


def paired_contrast(
    first: Mapping[int, float], second: Mapping[int, float], bootstrap: Bootstrap, seed: int
) -> dict[str, Any]:
    """``second - first`` over the seeds that both have (``contrast`` in ``statistics.schema.json``)."""
    differences = {key: second[key] - first[key] for key in first if key in second}
    values = list(differences.values())
    return {
        "differences": [{"seed": key, "value": value} for key, value in differences.items()],
        "mean": mean(values),
        "n": len(values),
        "unit": "seed",
        "intervals": mean_intervals(values, bootstrap, seed),
        "sign_flip": sign_flip(values),
    }


def sign_flip(differences: Sequence[float]) -> dict[str, Any]:
    """The two-sided sign-flip test of a mean difference of 0, over all 2^n sign patterns.

    The p-value is the share of patterns whose mean is at least as far from 0 as the observed one. With n pairs it
    cannot be below the floor 2 / 2^n. Both are null without pairs; more than 24 pairs are a ``ValueError``.
    """
    n = len(differences)
    if n == 0:
        return {"p_value": None, "floor": None, "n": 0}
    if n > _MAX_PAIRS:
        raise ValueError(f"{n} pairs are too many to enumerate, at most {_MAX_PAIRS}")
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    # sums[0] is the observed sum, added up in the same order; the tolerance keeps ties that rounding would break.
    tolerance = 1e-9 * float(np.abs(differences).sum())
    extreme = np.abs(sums) >= abs(sums[0]) - tolerance
    return {"p_value": float(extreme.mean()), "floor": 2 / 2**n, "n": n}
