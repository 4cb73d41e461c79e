"""The power of two paired tests, and the seeds that they need: Student t by its formula, sign-flip by simulation.

Differences are normal here, and an effect is their mean in standard deviations of a difference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from workflow_scripts.core.seeds import derive_seed

MOST_PAIRS = 1000
_LARGEST_EFFECT = 50.0
_ENUMERATED_PAIRS = 12
_BATCH = 1000  # samples whose sums under all patterns are in memory at a time


@dataclass(frozen=True)
class Simulation:
    """How the sign-flip test's power is simulated.

    ``samples`` per power, and ``patterns`` of signs drawn where there are more than 2^12; two-sided ``significance``.
    """

    significance: float
    samples: int
    patterns: int
    seed: int


def paired_t_power(pairs: int, effect: float, significance: float) -> float:
    """The power of the two-sided paired t test with n >= 2 pairs, by the noncentral t distribution.

    Its noncentrality is effect * sqrt(n), with n - 1 degrees of freedom (Cohen 1988, Statistical Power Analysis for the
    Behavioral Sciences, chapter 2).
    """
    critical, noncentrality = stats.t.isf(significance / 2, pairs - 1), abs(effect) * np.sqrt(pairs)
    upper, lower = stats.nct.sf(critical, pairs - 1, noncentrality), stats.nct.cdf(-critical, pairs - 1, noncentrality)
    # Far from 0 the lower tail is too small for scipy, which then has nan.
    return float(upper + np.nan_to_num(lower))


def sign_flip_power(pairs: int, effect: float, simulation: Simulation) -> float:
    """The share of samples of n pairs that the two-sided sign-flip test finds significant.

    Samples of one n are the same for every effect, so that the power grows with the effect without noise.
    """
    noise, signs = _noise(pairs, simulation), _signs(pairs, simulation)
    found = 0
    for start in range(0, len(noise), _BATCH):
        differences = noise[start : start + _BATCH] + effect
        observed = np.abs(differences.sum(axis=1, keepdims=True))
        hits = (np.abs(differences @ signs) >= observed * (1 - 1e-9)).sum(axis=1)
        # The observed signs are among all patterns, and are counted with drawn ones.
        drawn = int(pairs > _ENUMERATED_PAIRS)
        found += int(((hits + drawn) / (signs.shape[1] + drawn) <= simulation.significance).sum())
    return found / len(noise)


def sign_flip_floor(pairs: int) -> float:
    """The smallest p-value of the two-sided sign-flip test with n pairs."""
    return 2 / 2**pairs


def pairs_needed(power: Callable[[int], float], wanted: float, start: int) -> int | None:
    """The fewest pairs, near ``start`` and at least 2, with the wanted power; None where ``MOST_PAIRS`` are too few."""
    pairs = max(start, 2)
    while pairs > 2 and power(pairs - 1) >= wanted:
        pairs -= 1
    while pairs <= MOST_PAIRS and power(pairs) < wanted:
        pairs += 1
    return pairs if pairs <= MOST_PAIRS else None


def t_pairs_needed(effect: float, wanted: float, significance: float) -> int | None:
    """The fewest pairs with which the paired t test has the wanted power; None where ``MOST_PAIRS`` are too few."""
    if paired_t_power(MOST_PAIRS, effect, significance) < wanted:
        return None
    # The power grows with n: halve the range that has the answer.
    low, high = 1, MOST_PAIRS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if paired_t_power(middle, effect, significance) >= wanted else (middle, high)
    return high


def detectable_effect(power: Callable[[float], float], wanted: float) -> float | None:
    """The smallest effect with the wanted power, to 0.001; None where no effect has it."""
    if power(_LARGEST_EFFECT) < wanted:
        return None
    return float(optimize.bisect(lambda effect: power(effect) - wanted, 0.0, _LARGEST_EFFECT, xtol=0.001))


def spread_interval(spread: float, pairs: int, level: float) -> tuple[float, float]:
    """The interval of a standard deviation that was found ``spread`` of n >= 2 normal values, by chi-square."""
    quantiles = stats.chi2.ppf([(1 + level) / 2, (1 - level) / 2], pairs - 1)
    low, high = spread * np.sqrt((pairs - 1) / quantiles)
    return float(low), float(high)


@cache
def _noise(pairs: int, simulation: Simulation) -> NDArray[np.float64]:
    rng = np.random.default_rng(derive_seed("power", simulation.seed, pairs))
    return rng.normal(size=(simulation.samples, pairs))


@cache
def _signs(pairs: int, simulation: Simulation) -> NDArray[np.float64]:
    """Patterns of signs (n, m): all with a first plus, since a pattern and its opposite are alike, or drawn ones."""
    if pairs > _ENUMERATED_PAIRS:
        rng = np.random.default_rng(derive_seed("signs", simulation.seed, pairs))
        return rng.choice([-1.0, 1.0], size=(pairs, simulation.patterns))
    others = np.array(list(np.ndindex(*[2] * (pairs - 1))), dtype=float).reshape(2 ** (pairs - 1), pairs - 1)
    return np.vstack([np.ones(len(others)), 1 - 2 * others.T])
