"""A3 of Wave 1, CARE v1: as A2 of Wave 1, and belief revision shrinks the learning rate further (paper, appendix A).

Appendix A does not say when v1 revises. Here it does so at an unforeseen collapse, the prediction error of v2 in the
one direction in which a smaller learning rate is an answer; by campaign 3 that can give the paper's 3.5e-7 (0.5 x 0.7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.belief_revision import remember_with_prediction, surprise
from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.learning_rate_decay import DecaySettings, collapses, make_decayed_plan
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import State


@dataclass(frozen=True, kw_only=True)
class Settings(DecaySettings):
    """What A3 of Wave 1 is told."""

    revision_factor: Annotated[float, "of the learning rate, at each belief revision (A)"]
    prediction_error: Annotated[float, "from which difference of observed and predicted end/peak on it is unforeseen"]


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1``; the state remembers all campaigns, ``None`` replays them."""
    threshold = settings.threshold
    memory = list(state["memory"]) if state else []
    for trace in history[len(memory) :]:
        memory.append({**remember_with_prediction(memory, trace), "threshold": threshold})
    new_state = make_state(settings, len(history) + 1, memory, threshold=threshold)
    if not history:
        return first_campaign.start(settings), new_state

    counts = {
        "collapses": collapses(memory, threshold),
        "revisions": sum(
            surprise(entry["predicted_ratio"], entry["ratio"], settings.prediction_error) < 0 for entry in memory
        ),
    }
    factor = settings.collapse_factor ** counts["collapses"] * settings.revision_factor ** counts["revisions"]
    rule = "CARE v1 (appendix A)"
    return make_decayed_plan(history[-1], memory, factor, settings, rule, counts), new_state
