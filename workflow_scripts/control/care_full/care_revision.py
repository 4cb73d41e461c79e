"""CARE's belief revision: when a campaign surprises, and what then changes (paper, appendix D.3).

A revision triggers by the Mahalanobis distance between the observed and the predicted effect. The boundary's update is
in ``care_boundary``; the two others, the inflated noise and the tightened alpha, are here.
"""

import math
from collections.abc import Iterable

from workflow_scripts.control.care_full.chi_squared import chi_squared_quantile
from workflow_scripts.core.contracts.states import Capabilities

Prediction = dict[str, tuple[float, float]]  # capability: mean and standard deviation of its delta


def surprise(delta: Capabilities, prediction: Prediction, level: float) -> tuple[float, float] | None:
    """Squared Mahalanobis distance of the observed delta from the predicted one, and the quantile that triggers.

    Definition 7 prints the distance against chi^2_K(beta); it is the square that is chi-squared with K degrees of
    freedom, so that a right belief is surprised at the rate 1 - ``level``. The capabilities' beliefs are independent
    (one noise, no shared weights): Sigma is diagonal. K counts the capabilities that are known; None where none is.
    """
    errors = _errors(delta, prediction)
    if not errors:
        return None
    distance = sum((error / prediction[name][1]) ** 2 for name, error in errors.items())
    return distance, chi_squared_quantile(level, len(errors))


def surprise_variance(delta: Capabilities, prediction: Prediction, factor: float) -> float:
    """What a surprise adds to its own noise variance: ``factor`` x the mean squared error of the prediction."""
    errors = _errors(delta, prediction)
    return factor * sum(error**2 for error in errors.values()) / len(errors) if errors else 0.0


def regressions(delta: Capabilities, protected: Iterable[str], margin: float) -> list[str]:
    """The protected capabilities that fell by more than ``margin`` (Definition 3, whatever the target did)."""
    return [name for name in protected if (change := delta.get(name)) is not None and change < -margin]


def tighten(alpha: float, rate: float, n_regressions: int) -> float:
    """The gate's regression threshold after a surprise: alpha x exp(-``rate`` x regressions). It never rises again."""
    return alpha * math.exp(-rate * n_regressions)


def _errors(delta: Capabilities, prediction: Prediction) -> dict[str, float]:
    return {
        name: observed - prediction[name][0]
        for name, observed in delta.items()
        if observed is not None and name in prediction
    }
