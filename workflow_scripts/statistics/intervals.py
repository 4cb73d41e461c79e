"""Confidence intervals of a mean over seeds: exact bootstrap, Student t and BCa, and its interquartile mean.

The seed is the resampling unit: the campaigns of one chain are not independent. With n seeds the bootstrap has n^n
equally likely resamples; enumerating them leaves no Monte Carlo error. The q-quantile is the inverse CDF of the atoms:
the smallest attainable mean whose cumulative probability is at least q, without interpolation. From the published
per-seed values this gives the paper's intervals (Tables 6 and 9) to 0.1 point in all but two bounds:

- 7B naive: 18.4 (published 18.3), within the rounding of the published per-seed values to 0.1;
- 3B paired difference: 9.0 (published 8.9). The atom below, 8.86, has cumulative probability 0.9738, so a run of 10,000
  random resamples often takes it for the 0.975 quantile.
"""

import itertools
import math
import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from workflow_scripts.core.contracts.statistics import Interval, Metric
from workflow_scripts.statistics.bca import bca_quantiles, jackknife_acceleration, share_below

EXACT = "exact bootstrap over seeds"
RESAMPLED = "resampled bootstrap over seeds"
STUDENT = "Student t"
EXACT_BCA = "exact BCa over seeds"
RESAMPLED_BCA = "resampled BCa over seeds"
NO_WIDTH = "width 0: the values do not differ, which says nothing about how uncertain their mean is"
UNDEFINED_BCA = "BCa is not defined where all values are equal"
ONE_SIDED_BCA = "BCa is not defined: the mean lies at an end of the resamples' means"
Atoms = Sequence[tuple[float, int]]  # means of resamples, each with the number of resamples that it stands for


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made: level in (0, 1), enumeration up to ``max_atoms`` = n^n, else ``resamples`` draws."""

    level: float
    max_atoms: int
    resamples: int


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None of no value; computed exactly and rounded once, so equal values give back their value."""
    return statistics.mean(values) if values else None


def interquartile_mean(values: Sequence[float]) -> float | None:
    """The mean without the lowest and the highest quarter (int(n / 4) values each), or None of no value.

    Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice". Below 4 values it is
    the mean.
    """
    return float(stats.trim_mean(values, 0.25)) if values else None


def metric_over_seeds(by_seed: Mapping[int, float], bootstrap: Bootstrap, seed: int) -> Metric:
    """One value per seed as a ``metric`` of ``statistics.schema.json``; ``seed`` is that of resamples, if drawn."""
    values = list(by_seed.values())
    return {
        "values": [{"seed": key, "value": value} for key, value in by_seed.items()],
        "mean": mean(values),
        "n": len(values),
        "unit": "seed",
        "iqm": interquartile_mean(values),
        "intervals": mean_intervals(values, bootstrap, seed),
    }


def mean_intervals(values: Sequence[float], bootstrap: Bootstrap, seed: int) -> list[Interval]:
    """Bootstrap, Student t and BCa intervals (``interval`` in ``statistics.schema.json``), in the values' unit.

    With fewer than two values all are null and the note says so; BCa is null too where it is not defined. ``seed`` is
    used only where n^n > ``max_atoms``; bootstrap and BCa then rest on the same draws.
    """
    exact = is_enumerated(len(values), bootstrap)
    method, method_bca = (EXACT, EXACT_BCA) if exact else (RESAMPLED, RESAMPLED_BCA)
    if len(values) < 2:
        note = too_few(len(values), "seed")
        return [interval(name, bootstrap.level, None, None, note) for name in (method, STUDENT, method_bca)]
    if exact:
        atoms, drawn = enumerated_means([[value] for value in values]), None
    else:
        atoms = [(value, 1) for value in drawn_means(values, bootstrap.resamples, seed)]
        drawn = resampling_note(len(values), bootstrap)
    low, high, undefined = bca_interval(atoms, values, bootstrap.level)
    return [
        interval(method, bootstrap.level, *percentile_interval(atoms, bootstrap.level), drawn),
        interval(STUDENT, bootstrap.level, *student_t(values, bootstrap.level), None),
        interval(method_bca, bootstrap.level, low, high, undefined or drawn),
    ]


def is_enumerated(n: int, bootstrap: Bootstrap) -> bool:
    """Whether the bootstrap over n units is enumerated, else drawn."""
    return n**n <= bootstrap.max_atoms


def too_few(n: int, unit: str) -> str:
    """The note of an interval that n < 2 units do not have."""
    return f"{n} {unit}{'s' if not n else ''}: at least 2 are needed for an interval"


def resampling_note(n: int, bootstrap: Bootstrap) -> str:
    """The note of an interval that was drawn."""
    return f"{bootstrap.resamples} resamples, since {n}^{n} > {bootstrap.max_atoms}"


def exact_bootstrap(values: Sequence[float], level: float) -> tuple[float, float]:
    """The percentile interval of the mean over all n^n resamples of ``values``, n >= 1."""
    return exact_cluster_bootstrap([[value] for value in values], level)


def exact_cluster_bootstrap(clusters: Sequence[Sequence[float]], level: float) -> tuple[float, float]:
    """The same interval over all n^n resamples of n >= 1 clusters of values, none empty; each is drawn whole."""
    return percentile_interval(enumerated_means(clusters), level)


def enumerated_means(clusters: Sequence[Sequence[float]]) -> Atoms:
    """The means of all n^n resamples of the clusters.

    Resamples that differ only in order share a mean, so each multiset is taken once, weighted by its number of orders.
    """
    # Floats are integers over powers of two, so that sums are exact and each mean is rounded once, as mean() does it:
    # equal means are one atom.
    ratios = [[value.as_integer_ratio() for value in cluster] for cluster in clusters]
    denominator = max(below for cluster in ratios for _, below in cluster)
    sums = [sum(above * (denominator // below) for above, below in cluster) for cluster in ratios]
    sizes = [len(cluster) for cluster in clusters]
    return [
        (sum(sums[index] for index in chosen) / (denominator * sum(sizes[index] for index in chosen)), orders)
        for chosen, orders in weighted_multisets(len(clusters))
    ]


def weighted_multisets(n: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """The C(2n - 1, n) multisets of n indices below n, each with its number of orders; those add up to n^n."""
    for chosen in itertools.combinations_with_replacement(range(n), n):
        orders = math.factorial(n)
        for count in Counter(chosen).values():
            orders //= math.factorial(count)
        yield chosen, orders


def percentile_interval(atoms: Atoms, level: float) -> tuple[float, float]:
    """The (1 - level) / 2 and (1 + level) / 2 quantiles of values with integer weights, in any order."""
    return _inverse_cdf(atoms, ((1 - level) / 2, (1 + level) / 2))


def bca_interval(
    atoms: Atoms, values: Sequence[float], level: float
) -> tuple[float, float, None] | tuple[None, None, str]:
    """The BCa interval of the mean of n >= 2 ``values`` from its resamples' means, or why there is none."""
    if has_no_width(min(values), max(values)):
        return None, None, UNDEFINED_BCA
    below = share_below([value for value, _ in atoms], [weight for _, weight in atoms], values)
    low, high = bca_quantiles(below, jackknife_acceleration(values), level).tolist()
    if math.isnan(low):
        return None, None, ONE_SIDED_BCA
    return *_inverse_cdf(atoms, (low, high)), None


def resampled_bootstrap(values: Sequence[float], level: float, resamples: int, seed: int) -> tuple[float, float]:
    """The same interval from ``resamples`` random resamples; the seed alone decides which."""
    return percentile_interval([(value, 1) for value in drawn_means(values, resamples, seed)], level)


def drawn_means(values: Sequence[float], resamples: int, seed: int) -> list[float]:
    """The means of ``resamples`` random resamples."""
    draws = np.random.default_rng(seed).choice(np.asarray(values, dtype=float), size=(resamples, len(values)))
    means: list[float] = draws.mean(axis=1).tolist()
    return means


def student_t(values: Sequence[float], level: float) -> tuple[float, float]:
    """The two-sided t interval of the mean with n - 1 degrees of freedom, n >= 2."""
    n = len(values)
    centre = statistics.mean(values)
    if min(values) == max(values):
        return centre, centre  # a standard deviation of floats need not be 0 here
    half = float(stats.t.ppf((1 + level) / 2, n - 1) * np.std(values, ddof=1) / math.sqrt(n))
    return centre - half, centre + half


def _inverse_cdf(atoms: Atoms, quantiles: tuple[float, float]) -> tuple[float, float]:
    """The quantiles of values with integer weights, in any order."""
    ordered = sorted(atoms)
    cumulative = list(itertools.accumulate(weight for _, weight in ordered))
    # 0.05 * 20 must ask for 1, whatever its last bit.
    low, high = (bisect_left(cumulative, math.ceil(quantile * cumulative[-1] - 1e-9)) for quantile in quantiles)
    return ordered[low][0], ordered[high][0]


def has_no_width(low: float, high: float) -> bool:
    """Whether an interval's bounds are equal but for rounding."""
    return math.isclose(low, high, rel_tol=1e-9, abs_tol=1e-12)


def interval(method: str, level: float, low: float | None, high: float | None, note: str | None) -> Interval:
    """``interval`` in ``statistics.schema.json``; one without a width says so in its note."""
    if low is not None and high is not None and has_no_width(low, high):
        note = f"{note}; {NO_WIDTH}" if note else NO_WIDTH
    return {"method": method, "level": level, "low": low, "high": high, "note": note}
