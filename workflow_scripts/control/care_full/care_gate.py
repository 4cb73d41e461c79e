"""CARE's full transfer gate: reuse, adapt, pilot or reject each candidate, take the best (paper, appendix D.2, D.4)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_scripts.control.care_full.care_boundary import distance_to_boundary
from workflow_scripts.control.care_full.care_memory import (
    TARGET,
    confidence,
    current_alpha,
    entries_of,
    predict_effects,
    strategy_of,
    worst_regression_probability,
)
from workflow_scripts.control.care_full.care_revision import Prediction
from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.care_full.care_strategies import BASE, Strategy, propose
from workflow_scripts.core.contracts.campaigns import Action
from workflow_scripts.core.contracts.states import Effect

# Between equal expected gains, the action that says more in favour of its strategy.
_PREFERENCE = {"reuse": 3, "adapt": 2, "pilot": 1, "reject": 0}


@dataclass(frozen=True)
class Assessment:
    """One candidate in one context: the gate's action, and the numbers that it routed by; None where unknown."""

    strategy: Strategy
    action: Action
    prediction: Prediction
    risk: float | None
    confidence: float
    context_distance: float | None
    boundary_distance: float | None

    @property
    def expected_gain(self) -> float:
        """E[delta of the target | x]; 0, the prior's, where nothing can be predicted."""
        return self.prediction[TARGET][0] if self.prediction else 0.0


def assess(
    strategy: Strategy, entries: Sequence[Effect], context: Sequence[float] | None, settings: CareSettings
) -> Assessment:
    """The gate's decision on one candidate (Algorithm 1, lines 6 and 7)."""
    own = entries_of(entries, strategy)
    prediction = predict_effects(own, context, settings)
    risk = worst_regression_probability(prediction, settings)
    certainty = confidence(own, settings.confidence_floor)
    known = [entry["context"] for entry in own if entry["context"] is not None]
    from_memory = min((math.dist(context, other) for other in known), default=None) if context else None
    from_boundary = (
        distance_to_boundary(context, own[-1]["boundary"], settings.cone_half_angle) if context and own else None
    )
    action = route(risk, certainty, from_memory, from_boundary, current_alpha(entries, settings), settings)
    return Assessment(strategy, action, prediction, risk, certainty, from_memory, from_boundary)


def route(
    risk: float | None,
    certainty: float,
    context_distance: float | None,
    boundary_distance: float | None,
    alpha: float,
    settings: CareSettings,
) -> Action:
    """The routing of appendix D.2. Its cases overlap and are not ordered; every action here meets its printed case.

    What is not known well enough (low confidence, or at the boundary) is piloted before it is judged, or nothing new
    would ever be tried: before the first trial every strategy's risk exceeds alpha. What is known and too risky is
    rejected before it could be adapted, as equation 3 and section 4.1 ask of every action. Where no case holds
    (middling confidence, low risk, near context), or nothing can be predicted, the strategy is piloted.
    """
    low, high = settings.confidence_bounds
    at_boundary = boundary_distance is not None and boundary_distance <= settings.boundary_margin
    if risk is None or certainty <= low or at_boundary:
        return "pilot"
    if risk > alpha:
        return "reject"
    if certainty > high:
        return "reuse"
    if context_distance is not None and context_distance > settings.context_distance:
        return "adapt"
    return "pilot"


def choose(
    entries: Sequence[Effect], context: Sequence[float] | None, settings: CareSettings
) -> tuple[Assessment, list[Assessment]]:
    """The best candidate that is not rejected, by the target's expected gain, and all of them (Algorithm 1, 4 to 9).

    Where every candidate is rejected it is the base strategy, with its ``reject``. Where the context is unknown nothing
    can be compared, and the base strategy is the only candidate.
    """
    remembered = {strategy_of(entry) for entry in entries}
    candidates = propose(remembered, settings) if context else [BASE]
    assessed = [assess(strategy, entries, context, settings) for strategy in candidates]
    accepted = [candidate for candidate in assessed if candidate.action != "reject"]
    if not accepted:
        return next(candidate for candidate in assessed if candidate.strategy == BASE), assessed
    best = max(accepted, key=lambda candidate: (candidate.expected_gain, _PREFERENCE[candidate.action]))
    return best, assessed
