"""The ratio of two means over seeds, paired by seed, with intervals: Fieller's and the bootstrap over seeds.

Fieller (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16, 175-185: a ratio
r belongs to the interval where a Student t test does not tell the mean of above - r * below from 0.
"""

import math
import statistics
from collections.abc import Sequence

import numpy as np
from scipy import stats

from workflow_scripts.core.contracts.measurements import Share
from workflow_scripts.core.contracts.statistics import Interval
from workflow_scripts.statistics.intervals import (
    EXACT,
    RESAMPLED,
    Bootstrap,
    interval,
    is_enumerated,
    percentile_interval,
    resampling_note,
    too_few,
    weighted_multisets,
)

FIELLER = "Fieller, Student t"
NO_RATIO = "the lower mean, or that of some resample, is 0"
UNBOUNDED = "Fieller's set is not bounded: the lower mean is not told from 0"


def share(above: Sequence[float], below: Sequence[float], bootstrap: Bootstrap, seed: int) -> Share:
    """Mean of ``above`` / mean of ``below``, one value of each per seed; ``seed`` is that of draws, if any."""
    n = len(above)
    lower = statistics.mean(below) if n else 0.0
    return {
        "value": statistics.mean(above) / lower if lower else None,
        "n": n,
        "unit": "seed",
        "intervals": [fieller(above, below, bootstrap.level), _resampled(above, below, bootstrap, seed)],
    }


def fieller(above: Sequence[float], below: Sequence[float], level: float) -> Interval:
    """Fieller's interval of the ratio of two paired means, n - 1 degrees of freedom; null where it has no bounds."""
    n = len(above)
    if n < 2:
        return interval(FIELLER, level, None, None, too_few(n, "seed"))
    upper, lower = statistics.mean(above), statistics.mean(below)
    covariance = np.cov(above, below, ddof=1) * stats.t.ppf((1 + level) / 2, n - 1) ** 2 / n
    # r is inside where a r^2 - 2 b r + c <= 0.
    a = float(lower**2 - covariance[1, 1])
    b = float(upper * lower - covariance[0, 1])
    c = float(upper**2 - covariance[0, 0])
    if a <= 0:
        return interval(FIELLER, level, None, None, UNBOUNDED)
    half = math.sqrt(max(b**2 - a * c, 0.0))
    return interval(FIELLER, level, (b - half) / a, (b + half) / a, None)


def _resampled(above: Sequence[float], below: Sequence[float], bootstrap: Bootstrap, seed: int) -> Interval:
    """The percentile interval of the ratio over resamples of whole seeds."""
    n, exact = len(above), is_enumerated(len(above), bootstrap)
    method = EXACT if exact else RESAMPLED
    if n < 2:
        return interval(method, bootstrap.level, None, None, too_few(n, "seed"))
    if exact:
        multisets = list(weighted_multisets(n))
        drawn, weights = np.array([chosen for chosen, _ in multisets]), [orders for _, orders in multisets]
    else:
        drawn = np.random.default_rng(seed).integers(n, size=(bootstrap.resamples, n))
        weights = [1] * len(drawn)
    lower = np.asarray(below)[drawn].sum(axis=1)
    if not lower.all():
        return interval(method, bootstrap.level, None, None, NO_RATIO)
    ratios = (np.asarray(above)[drawn].sum(axis=1) / lower).tolist()
    low, high = percentile_interval(list(zip(ratios, weights, strict=True)), bootstrap.level)
    return interval(method, bootstrap.level, low, high, None if exact else resampling_note(n, bootstrap))
