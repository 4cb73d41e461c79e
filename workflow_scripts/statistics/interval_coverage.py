"""How often intervals of a mean over few seeds hold the true mean, in populations whose mean is known.

The bounds are those of ``intervals``, for many samples at once. Samples of a batch share their resamples' indices, each
batch draws its own.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from workflow_scripts.core.contracts.coverage import MethodCoverage
from workflow_scripts.statistics.bca import bca_quantiles, jackknife_acceleration, share_below
from workflow_scripts.statistics.intervals import (
    EXACT,
    EXACT_BCA,
    RESAMPLED,
    RESAMPLED_BCA,
    STUDENT,
    Bootstrap,
    is_enumerated,
    weighted_multisets,
)

_BATCH = 500  # samples whose resamples' means are in memory at a time: 40 MB with 10,000 resamples
_ZEROS = 0.4  # share of collapsed chains
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """Values of single seeds: in words, the true mean and standard deviation, and how samples of a shape are drawn."""

    about: str
    mean: float
    standard_deviation: float
    draw: Callable[[np.random.Generator, tuple[int, int]], Array]


def _collapsed(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return np.where(rng.random(shape) < _ZEROS, 0.0, rng.beta(2, 6, shape))


def _populations() -> dict[str, Population]:
    rates = stats.beta(2, 6)
    mean = (1 - _ZEROS) * rates.mean()
    variance = (1 - _ZEROS) * (rates.var() + rates.mean() ** 2) - mean**2
    return {
        "normal": Population("normal", 0.0, 1.0, lambda rng, shape: rng.normal(size=shape)),
        "collapsed": Population(
            f"0 with probability {_ZEROS:g}, else Beta(2, 6): pass rates at the end of chains of which some collapsed",
            float(mean),
            math.sqrt(variance),
            _collapsed,
        ),
        "difference": Population(
            "difference of two independent values of collapsed: a paired contrast without an effect",
            0.0,
            math.sqrt(2 * variance),
            lambda rng, shape: _collapsed(rng, shape) - _collapsed(rng, shape),
        ),
        "heavy_tailed": Population(
            "Student t with 3 degrees of freedom", 0.0, math.sqrt(3), lambda rng, shape: rng.standard_t(3, shape)
        ),
    }


POPULATIONS: Mapping[str, Population] = _populations()


def simulate(name: str, n: int, samples: int, bootstrap: Bootstrap, seed: int) -> list[MethodCoverage]:
    """Coverage of each method at n >= 2 seeds; the standard error is sqrt(p (1 - p) / samples)."""
    population, rng = POPULATIONS[name], np.random.default_rng(seed)
    held: dict[str, int] = {}
    undefined, widths = dict(held), dict[str, float]()
    for batch in _batches(samples):
        drawn = population.draw(rng, (batch, n))
        for method, bounds in intervals_of_samples(drawn, bootstrap, rng).items():
            low, high = bounds.T
            is_held = (low <= population.mean) & (population.mean <= high)
            held[method] = held.get(method, 0) + int(is_held.sum())
            undefined[method] = undefined.get(method, 0) + int(np.isnan(low).sum())
            widths[method] = widths.get(method, 0.0) + float(np.nansum(high - low))
    return [
        {
            "population": name,
            "n": n,
            "method": method,
            "coverage": (share := count / samples),
            "standard_error": math.sqrt(share * (1 - share) / samples),
            "undefined": undefined[method] / samples,
            "mean_width": widths[method] / max(samples - undefined[method], 1) / population.standard_deviation,
        }
        for method, count in held.items()
    ]


def intervals_of_samples(samples: Array, bootstrap: Bootstrap, rng: np.random.Generator) -> dict[str, Array]:
    """Low and high (s, 2) of each method for samples (s, n); nan where BCa is not defined.

    Bootstrap and BCa share the resamples: all n^n, or as many drawn as ``bootstrap`` says, the same for all samples.
    """
    n, level = samples.shape[1], bootstrap.level
    exact = is_enumerated(n, bootstrap)
    counts, weights = _enumerated(n) if exact else (_drawn(n, bootstrap.resamples, rng), None)
    means = samples @ counts.T / n
    orders = np.ones(len(counts), dtype=int) if weights is None else weights
    acceleration = jackknife_acceleration(samples)
    corrected = bca_quantiles(share_below(means, orders, samples), acceleration, level)
    plain = np.broadcast_to([(1 - level) / 2, (1 + level) / 2], corrected.shape)
    cumulative = None
    if weights is None:
        means.sort(axis=1)
    else:
        order = np.argsort(means, axis=1)
        means, cumulative = np.take_along_axis(means, order, axis=1), np.cumsum(weights[order], axis=1)
    return {
        EXACT if exact else RESAMPLED: _quantiles(means, cumulative, plain),
        STUDENT: _student_t(samples, level),
        EXACT_BCA if exact else RESAMPLED_BCA: _quantiles(means, cumulative, corrected),
    }


def _batches(samples: int) -> Iterator[int]:
    for start in range(0, samples, _BATCH):
        yield min(_BATCH, samples - start)


def _enumerated(n: int) -> tuple[Array, NDArray[np.int64]]:
    """How often each index is in a resample (m, n), and how many of the n^n resamples are alike (m,)."""
    multisets = list(weighted_multisets(n))
    counts = np.array([np.bincount(chosen, minlength=n) for chosen, _ in multisets], dtype=float)
    return counts, np.array([orders for _, orders in multisets])


def _drawn(n: int, resamples: int, rng: np.random.Generator) -> Array:
    return rng.multinomial(n, [1 / n] * n, size=resamples).astype(float)


def _quantiles(means: Array, cumulative: NDArray[np.int64] | None, quantiles: Array) -> Array:
    """The quantiles (s, 2) of sorted means (s, m) by the inverse CDF; without ``cumulative`` each mean weighs 1."""
    total = means.shape[1] if cumulative is None else int(cumulative[0, -1])
    needed = np.ceil(np.nan_to_num(quantiles, nan=0.5) * total - 1e-9).clip(min=1)
    if cumulative is None:
        places = needed.astype(int) - 1
    else:
        places = np.stack([(cumulative < needed[:, [side]]).sum(axis=1) for side in (0, 1)], axis=1)
    bounds = np.take_along_axis(means, places, axis=1)
    return np.where(np.isnan(quantiles), np.nan, bounds)


def _student_t(samples: Array, level: float) -> Array:
    n = samples.shape[1]
    half = stats.t.ppf((1 + level) / 2, n - 1) * samples.std(axis=1, ddof=1) / math.sqrt(n)
    centre = samples.mean(axis=1)
    return np.stack([centre - half, centre + half], axis=1)
