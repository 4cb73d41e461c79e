"""A3, full CARE v2: memory, transfer gate and belief revision; the learning rate never shrinks (paper, section 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.belief_revision import predict_ratio, remember_with_prediction, revise_threshold
from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.gate import GateSettings, gate, make_gated_plan
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import Remembered, State


@dataclass(frozen=True, kw_only=True)
class Settings(GateSettings):
    """What A3 is told."""

    initial_threshold: Annotated[float, "end/peak below it is a collapse, at first"]
    threshold_bounds: Annotated[tuple[float, float], "within which belief revision moves it (5.4)"]
    threshold_step: Annotated[float, "by how much, at a prediction error"]
    prediction_error: Annotated[float, "from which difference of observed and predicted end/peak on one is made"]


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` from the traces of all campaigns before it and the state after the last plan.

    Campaigns that the state does not remember yet are taken in first, so ``None`` replays the whole history to the same
    plan and state.
    """
    memory, threshold = _take_in(history, state, settings)
    new_state = make_state(settings, len(history) + 1, memory, threshold=threshold)
    if not history:
        return first_campaign.start(settings), new_state

    last = memory[-1]
    action = gate(last["ratio"], threshold, settings.severe_collapse_ratio)
    beliefs = {
        "last_predicted_ratio": last["predicted_ratio"],
        "next_predicted_ratio": predict_ratio(memory, action),
    }
    rule = "CARE v2 transfer gate (section 5.4)"
    return make_gated_plan(history[-1], last, action, threshold, settings, rule, beliefs), new_state


def _take_in(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[list[Remembered], float]:
    """The memory with an entry for every campaign of the history, and the threshold revised after each new one."""
    memory = list(state["memory"]) if state else []
    threshold = state.get("threshold", settings.initial_threshold) if state else settings.initial_threshold
    for trace in history[len(memory) :]:
        entry = remember_with_prediction(memory, trace)
        threshold = revise_threshold(
            threshold,
            entry["predicted_ratio"],
            entry["ratio"],
            settings.prediction_error,
            settings.threshold_step,
            settings.threshold_bounds,
        )
        memory.append({**entry, "threshold": threshold})
    return memory, threshold
