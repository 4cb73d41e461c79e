"""CARE v2's belief revision: a prediction that fails moves the gate's threshold (paper, section 5.4).

The paper says that revision "adjusts the gate's collapse-detection threshold (in [0.3, 0.7]) on prediction-error
events". It gives neither the predictor, nor the error that counts, nor the step: these are a running mean and two
settings.
"""

from collections.abc import Sequence

from workflow_scripts.control.memory import remember
from workflow_scripts.core.contracts.campaigns import Action, Trace
from workflow_scripts.core.contracts.states import Predicted, Remembered


def predict_ratio(memory: Sequence[Remembered], action: Action) -> float | None:
    """The mean end / peak of the remembered campaigns with this action, or of all where it has no precedent.

    None where the memory holds no ratio at all.
    """
    known = [(entry["strategy"]["action"], ratio) for entry in memory if (ratio := entry["ratio"]) is not None]
    precedents = [ratio for taken, ratio in known if taken == action] or [ratio for _, ratio in known]
    return sum(precedents) / len(precedents) if precedents else None


def remember_with_prediction(memory: Sequence[Remembered], trace: Trace) -> Predicted:
    """The trace's memory entry, with the ratio that ``memory``, which does not hold it yet, predicts for its action."""
    entry = remember(trace)
    return {**entry, "predicted_ratio": predict_ratio(memory, entry["strategy"]["action"])}


def surprise(predicted: float | None, observed: float | None, prediction_error: float) -> int:
    """-1 for an unforeseen collapse, 1 for an unforeseen success: an error above ``prediction_error``; else 0.

    Without a prediction or an observation nothing is unforeseen.
    """
    if predicted is None or observed is None or abs(observed - predicted) <= prediction_error:
        return 0
    return -1 if observed < predicted else 1


def revise_threshold(
    threshold: float,
    predicted: float | None,
    observed: float | None,
    prediction_error: float,
    step: float,
    bounds: tuple[float, float],
) -> float:
    """The threshold after one campaign, within ``bounds``.

    An unforeseen collapse makes the gate more sensitive (one ``step`` up), an unforeseen success less (one down).
    """
    low, high = bounds
    threshold -= step * surprise(predicted, observed, prediction_error)
    # Rounded, so that ten steps of 0.05 do not drift past a ratio that equals the threshold.
    return round(min(max(threshold, low), high), 9)
