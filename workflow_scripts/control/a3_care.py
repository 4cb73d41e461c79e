"""A3, full CARE v2: memory, transfer gate and belief revision; the learning rate is never shrunk (paper, section 5.4).

Every campaign starts from the previous one's peak. Since v2 keeps the learning rate, "a pilot at the same lr" and "a
pilot from base hyperparameters" differ in the action that is recorded, and so in the precedents of later predictions.
"""

from typing import Any

from workflow_scripts.control import first_campaign
from workflow_scripts.control.belief_revision import predict_ratio, revise_threshold
from workflow_scripts.control.gate import gate
from workflow_scripts.control.memory import remember
from workflow_scripts.control.plans import BASE_STRATEGY, init_from, make_plan, make_state

SETTINGS = (
    *BASE_STRATEGY,
    "pilot_steps",
    "initial_threshold",
    "threshold_bounds",
    "threshold_step",
    "severe_collapse_ratio",
    "prediction_error",
)

_WHY = {
    "reuse": "not below the threshold {threshold:.2f}: the strategy is reused for {max_steps} steps",
    "pilot": "a collapse below the threshold {threshold:.2f}: a pilot of {max_steps} steps at the same learning rate",
    "reject": "a severe collapse: the strategy is rejected for a pilot of {max_steps} steps from base hyperparameters",
}


def decide(
    history: list[dict[str, Any]], state: dict[str, Any] | None, settings: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan campaign ``len(history) + 1`` from the traces of all campaigns before it and the state after the last plan.

    Campaigns that the state does not remember yet are taken in first, so ``None`` replays the whole history to the same
    plan and state.
    """
    campaign = len(history) + 1
    memory, threshold = _take_in(history, state, settings)
    new_state = make_state(settings, campaign, memory, threshold=threshold)
    if not history:
        return first_campaign.start(settings), new_state

    last = memory[-1]
    action = gate(last["ratio"], threshold, settings["severe_collapse_ratio"])
    max_steps = settings["steps"] if action == "reuse" else min(settings["pilot_steps"], settings["steps"])
    reason = {
        "rule": "CARE v2 transfer gate (section 5.4)",
        "text": _explain(last, action, threshold, max_steps),
        "numbers": {
            "end": last["end"],
            "peak": last["peak"],
            "ratio": last["ratio"],
            "threshold": threshold,
            "severe_collapse_ratio": settings["severe_collapse_ratio"],
            "last_predicted_ratio": last["predicted_ratio"],
            "next_predicted_ratio": predict_ratio(memory, action),
        },
    }
    return make_plan(settings, campaign, action, init_from(history[-1], "peak"), max_steps, reason), new_state


def _take_in(
    history: list[dict[str, Any]], state: dict[str, Any] | None, settings: dict[str, Any]
) -> tuple[list[dict[str, Any]], float]:
    """The memory with an entry for every campaign of the history, and the threshold revised after each new one."""
    memory = list(state["memory"]) if state else []
    threshold = (state or {}).get("threshold", settings["initial_threshold"])
    for trace in history[len(memory) :]:
        entry = remember(trace)
        predicted = predict_ratio(memory, entry["strategy"]["action"])
        threshold = revise_threshold(
            threshold,
            predicted,
            entry["ratio"],
            settings["prediction_error"],
            settings["threshold_step"],
            settings["threshold_bounds"],
        )
        memory.append({**entry, "predicted_ratio": predicted, "threshold": threshold})
    return memory, threshold


def _explain(last: dict[str, Any], action: str, threshold: float, max_steps: int) -> str:
    if last["status"] != "completed":
        what = f"failed ({last['status']})"
    elif last["ratio"] is None:
        what = "never passed a test (peak 0)"
    else:
        what = f"ended at {last['ratio']:.2f} of its peak"
    return f"Campaign {last['campaign']} {what}, {_WHY[action].format(threshold=threshold, max_steps=max_steps)}."
