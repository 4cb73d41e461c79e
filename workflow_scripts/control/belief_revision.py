"""CARE v2's belief revision: a prediction that fails moves the gate's threshold (paper, section 5.4).

The paper says that revision "adjusts the gate's collapse-detection threshold (in [0.3, 0.7]) on prediction-error
events". It gives neither the predictor, nor the error that counts, nor the step: these are a running mean and two
settings.
"""

from collections.abc import Sequence
from typing import Any


def predict_ratio(memory: Sequence[dict[str, Any]], action: str) -> float | None:
    """The mean end / peak of the remembered campaigns with this action, or of all where it has no precedent.

    None where the memory holds no ratio at all.
    """
    known = [entry for entry in memory if entry["ratio"] is not None]
    precedents = [entry for entry in known if entry["strategy"]["action"] == action] or known
    if not precedents:
        return None
    return sum(entry["ratio"] for entry in precedents) / len(precedents)


def revise_threshold(
    threshold: float,
    predicted: float | None,
    observed: float | None,
    prediction_error: float,
    step: float,
    bounds: tuple[float, float],
) -> float:
    """The threshold after one campaign, within ``bounds``.

    An error above ``prediction_error`` is an event: an unforeseen collapse makes the gate more sensitive (one ``step``
    up), an unforeseen success less (one ``step`` down). Without a prediction or an observation nothing moves.
    """
    low, high = bounds
    if predicted is not None and observed is not None and abs(observed - predicted) > prediction_error:
        threshold += step if observed < predicted else -step
    # Rounded, so that ten steps of 0.05 do not drift past a ratio that equals the threshold.
    return round(min(max(threshold, low), high), 9)
