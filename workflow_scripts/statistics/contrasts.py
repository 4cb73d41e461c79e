"""Paired contrasts between two controllers: the difference seed by seed, its intervals and a sign-flip test."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.core.contracts.statistics import Contrast, SignFlip
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.intervals import Bootstrap, mean, mean_intervals

EXACT = "exact two-sided sign-flip test"
_ENUMERATED_PAIRS = 24  # 2^24 sums are 128 MiB


def paired_contrast(
    first: Mapping[int, float], second: Mapping[int, float], bootstrap: Bootstrap, seed: int
) -> Contrast:
    """``second - first`` over the seeds that both have (``contrast`` in ``statistics.schema.json``)."""
    differences = {key: second[key] - first[key] for key in first if key in second}
    values = list(differences.values())
    return {
        "differences": [{"seed": key, "value": value} for key, value in differences.items()],
        "mean": mean(values),
        "n": len(values),
        "unit": "seed",
        "intervals": mean_intervals(values, bootstrap, seed),
        "sign_flip": sign_flip(values, bootstrap, derive_seed("sign flip", seed)),
    }


def sign_flip(differences: Sequence[float], bootstrap: Bootstrap, seed: int) -> SignFlip:
    """The two-sided sign-flip test of a mean difference of 0, over all 2^n sign patterns; for 25 and more by draws.

    The p-value is the share of patterns whose mean is at least as far from 0 as the observed one; of drawn patterns the
    observed one is among them. It cannot be below the floor: 2 / 2^n, or 1 / (draws + 1). Both are null without pairs.
    ``bootstrap`` says how many draws; it and ``seed`` are used only for these.
    """
    n = len(differences)
    if n == 0:
        return {"method": EXACT, "p_value": None, "floor": None, "n": 0}
    if n <= _ENUMERATED_PAIRS:
        extreme = _are_extreme(_all_sums(differences), differences)
        return {"method": EXACT, "p_value": float(extreme.mean()), "floor": 2 / 2**n, "n": n}
    draws = bootstrap.resamples
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, n))
    hits = int(_are_extreme(signs @ np.asarray(differences, dtype=float), differences).sum())
    floor = 1 / (draws + 1)
    method = f"two-sided sign-flip test by {draws} draws from the 2^{n} sign patterns (smallest p {floor:.2g})"
    return {"method": method, "p_value": (hits + 1) / (draws + 1), "floor": floor, "n": n}


def _all_sums(differences: Sequence[float]) -> NDArray[np.float64]:
    """The sums of the differences (2^n,) under every sign pattern."""
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    return sums


def _are_extreme(sums: NDArray[np.float64], differences: Sequence[float]) -> NDArray[np.bool_]:
    """Whether sums are as far from 0 as the observed one; the tolerance keeps ties that rounding would break."""
    extreme: NDArray[np.bool_] = np.abs(sums) >= abs(sum(differences)) - 1e-9 * sum(map(abs, differences))
    return extreme


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (Holm 1979), in the order given."""
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    running = 0.0
    for rank, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return [float(value) for value in adjusted]
