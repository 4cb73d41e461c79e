"""What a strategy does to one capability, as a Gaussian belief: Bayesian linear regression (paper, appendix D.1, D.3).

The effect is linear in the context features, delta = w . phi(x) + noise, noise ~ N(0, variance) with known variance and
w ~ N(0, scale^2 I) beforehand. The posterior of w is conjugate (Bishop, Pattern Recognition and Machine Learning,
equations 3.50 and 3.51):

    S'^-1 = S^-1 + phi phi^T / variance        m' = S' (S^-1 m + phi delta / variance)

of which the first is the paper's posterior update (D.3). By the Sherman-Morrison identity no matrix is inverted:

    g = S phi / (variance + phi^T S phi)       S' = S - g (S phi)^T          m' = m + g (delta - m . phi)

The bias b_s of D.1 is the weight of a feature that is always 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Features = Sequence[float]


@dataclass(frozen=True)
class Posterior:
    """A Gaussian over the d weights: ``mean`` (d,) and ``covariance`` (d, d), row by row."""

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]


def prior(n_features: int, scale: float) -> Posterior:
    """No effect is expected; each weight has the standard deviation ``scale``."""
    rows = range(n_features)
    return Posterior(
        (0.0,) * n_features,
        tuple(tuple(scale**2 if row == column else 0.0 for column in rows) for row in rows),
    )


def update(belief: Posterior, phi: Features, delta: float, noise_variance: float) -> Posterior:
    """The posterior after ``delta`` was observed at the features ``phi`` (d,), with noise of this variance > 0."""
    reach = _times(belief.covariance, phi)
    gain = [value / (noise_variance + _dot(phi, reach)) for value in reach]
    error = delta - _dot(belief.mean, phi)
    return Posterior(
        tuple(weight + share * error for weight, share in zip(belief.mean, gain, strict=True)),
        tuple(
            tuple(value - share * other for value, other in zip(row, reach, strict=True))
            for row, share in zip(belief.covariance, gain, strict=True)
        ),
    )


def predict(belief: Posterior, phi: Features, noise_variance: float) -> tuple[float, float]:
    """Mean and standard deviation of the next delta at ``phi``: N(m . phi, phi^T S phi + variance), Bishop's 3.58."""
    spread = _dot(phi, _times(belief.covariance, phi))
    return _dot(belief.mean, phi), math.sqrt(max(spread, 0.0) + noise_variance)


def regression_probability(mean: float, deviation: float, margin: float) -> float:
    """Pr[delta < -margin] = Phi((-margin - mean) / deviation) for delta ~ N(mean, deviation^2) (appendix D.2)."""
    return 0.5 * math.erfc((margin + mean) / (deviation * math.sqrt(2.0)))


def _dot(left: Features, right: Features) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _times(matrix: Sequence[Features], vector: Features) -> list[float]:
    return [_dot(row, vector) for row in matrix]
