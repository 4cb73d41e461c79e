"""The bias-corrected and accelerated bootstrap of a mean: which quantiles of the resamples' means are its bounds.

Efron (1987), "Better bootstrap confidence intervals", Journal of the American Statistical Association 82, 171-185. The
bias correction is of the share of resamples below the mean, ties counting half; the acceleration is the jackknife's
(Efron and Tibshirani 1993, An Introduction to the Bootstrap, equation 14.15). Both are as in ``scipy.stats.bootstrap``.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

_EQUAL = 1e-12  # values or means that differ by less, relative to the largest value, differ by rounding


def bca_quantiles(below: ArrayLike, acceleration: ArrayLike, level: float) -> NDArray[np.float64]:
    """The two quantiles (..., 2) of the resamples' means that bound the interval; nan where it is not defined.

    ``below`` is the share of resamples below the mean, in (0, 1) for a defined interval.
    """
    bias = special.ndtri(np.asarray(below, dtype=float))[..., np.newaxis]
    shifted = bias + special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    with np.errstate(invalid="ignore"):
        stretch = 1 - np.asarray(acceleration, dtype=float)[..., np.newaxis] * shifted
        defined = np.isfinite(bias) & (stretch > 0)
        quantiles = special.ndtr(bias + shifted / np.where(defined, stretch, 1))
    found: NDArray[np.float64] = np.where(defined.all(axis=-1, keepdims=True), quantiles, np.nan)
    return found


def jackknife_acceleration(values: ArrayLike) -> NDArray[np.float64]:
    """The acceleration (...) of the means of samples (..., n); nan where the values of a sample are equal."""
    samples = np.asarray(values, dtype=float)
    deviations = samples - samples.mean(axis=-1, keepdims=True)
    varies = np.ptp(samples, axis=-1) > _EQUAL * np.abs(samples).max(axis=-1)
    squares = np.where(varies, (deviations**2).sum(axis=-1), 1.0)
    found: NDArray[np.float64] = np.where(varies, (deviations**3).sum(axis=-1) / (6 * squares**1.5), np.nan)
    return found


def share_below(means: ArrayLike, weights: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """The share (...) of the resamples' means (..., m) below the mean of ``values`` (..., n), ties counting half.

    ``weights`` (m,) count how many resamples each mean stands for.
    """
    samples, found = np.asarray(values, dtype=float), np.asarray(means, dtype=float)
    counts = np.asarray(weights, dtype=float)
    centre = samples.mean(axis=-1, keepdims=True)
    rounding = _EQUAL * np.abs(samples).max(axis=-1, keepdims=True)
    below = (found < centre - rounding) @ counts + (found <= centre + rounding) @ counts
    share: NDArray[np.float64] = below / (2 * counts.sum())
    return share
