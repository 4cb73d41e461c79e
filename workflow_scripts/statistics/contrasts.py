"""Paired contrasts between two controllers: the difference seed by seed, its intervals and a sign-flip test.

Several tests have Holm's adjusted p-values beside their own (Holm 1979, "A simple sequentially rejective multiple test
procedure", Scandinavian Journal of Statistics 6, 65-70).
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.core.contracts.statistics import Contrast, SignFlip
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.intervals import Bootstrap, mean, mean_intervals

EXACT = "exact two-sided sign-flip test"
_ENUMERATED_PAIRS = 24  # 2^24 sums are 128 MiB

Key = TypeVar("Key")


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
        "probability_of_improvement": probability_of_improvement(values),
        "intervals": mean_intervals(values, bootstrap, seed),
        "sign_flip": sign_flip(values, bootstrap, derive_seed("sign flip", seed)),
    }


def probability_of_improvement(differences: Sequence[float]) -> float | None:
    """The share of pairs in which the second is higher, ties counting half; None of no pair.

    Agarwal et al. (2021) take all pairs of runs of two algorithms; ours are the pairs of one seed.
    """
    if not differences:
        return None
    return sum(1.0 if value > 0 else 0.5 if value == 0 else 0.0 for value in differences) / len(differences)


def adjusted_by_holm(contrasts: Mapping[Key, Contrast]) -> dict[Key, Contrast]:
    """The same contrasts as one family of tests: with Holm's p-values over those that have a p-value."""
    tested = {key: p for key, contrast in contrasts.items() if (p := contrast["sign_flip"]["p_value"]) is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {
        key: {**contrast, "sign_flip": {**contrast["sign_flip"], "holm": adjusted.get(key), "tests": len(tested)}}
        for key, contrast in contrasts.items()
    }


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values of one family of tests, in the order given."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def sign_flip(differences: Sequence[float], bootstrap: Bootstrap, seed: int) -> SignFlip:
    """The two-sided sign-flip test of a mean difference of 0, over all 2^n sign patterns; for 25 and more by draws.

    The p-value is the share of patterns whose mean is at least as far from 0 as the observed one; of drawn patterns the
    observed one is among them. It cannot be below the floor: 2 / 2^n, or 1 / (draws + 1). Both are null without pairs.
    ``bootstrap`` says how many draws; it and ``seed`` are used only for these. Holm's p-value is that of one test.
    """
    n = len(differences)
    if n == 0:
        return {"method": EXACT, "p_value": None, "floor": None, "n": 0, "holm": None, "tests": 0}
    if n <= _ENUMERATED_PAIRS:
        p_value = float(_are_extreme(_all_sums(differences), differences).mean())
        return {"method": EXACT, "p_value": p_value, "floor": 2 / 2**n, "n": n, "holm": p_value, "tests": 1}
    draws = bootstrap.resamples
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, n))
    hits = int(_are_extreme(signs @ np.asarray(differences, dtype=float), differences).sum())
    floor, p_value = 1 / (draws + 1), (hits + 1) / (draws + 1)
    method = f"two-sided sign-flip test by {draws} draws from the 2^{n} sign patterns (smallest p {floor:.2g})"
    return {"method": method, "p_value": p_value, "floor": floor, "n": n, "holm": p_value, "tests": 1}


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
