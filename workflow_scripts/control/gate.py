"""The deployed transfer gate of CARE v2: reuse, pilot or reject by the last campaign's end / peak (paper, section 5.4).

The paper gives the threshold's range but not where a moderate collapse becomes a severe one: that is the setting
``severe_collapse_ratio``.

Every campaign starts from the previous one's peak. Since v2 keeps the learning rate, "a pilot at the same lr" and "a
pilot from base hyperparameters" differ in the action that is recorded, and so in the precedents of later predictions.
"""

from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.memory import outcome
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan
from workflow_scripts.core.contracts.campaigns import Action, Plan, Reason, Trace
from workflow_scripts.core.contracts.states import Remembered


@dataclass(frozen=True, kw_only=True)
class GateSettings(BaseSettings):
    """What every gate of v2 is told."""

    pilot_steps: Annotated[int, "steps of a pilot or rejected campaign (Table 7)"]
    severe_collapse_ratio: Annotated[float, "end/peak below it rejects (ratio of Table 8)"]


_WHY = {
    "reuse": "not below the threshold {threshold:.2f}: the strategy is reused for {max_steps} steps",
    "pilot": "a collapse below the threshold {threshold:.2f}: a pilot of {max_steps} steps at the same learning rate",
    "reject": "a severe collapse: the strategy is rejected for a pilot of {max_steps} steps from base hyperparameters",
}


def gate(ratio: float | None, threshold: float, severe_collapse_ratio: float) -> Action:
    """``reuse``, ``pilot`` or ``reject`` for end / peak in [0, 1]; a ratio of None (the peak was 0) is no collapse."""
    if ratio is None or ratio >= threshold:
        return "reuse"
    return "reject" if ratio < severe_collapse_ratio else "pilot"


def make_gated_plan(
    trace: Trace,
    last: Remembered,
    action: Action,
    threshold: float,
    settings: GateSettings,
    rule: str,
    beliefs: dict[str, float | None],
) -> Plan:
    """The plan for the gate's ``action`` on ``trace``, whose memory entry is ``last``.

    ``beliefs`` are further numbers for the reason.
    """
    max_steps = settings.steps if action == "reuse" else min(settings.pilot_steps, settings.steps)
    why = _WHY[action].format(threshold=threshold, max_steps=max_steps)
    reason: Reason = {
        "rule": rule,
        "text": f"Campaign {last['campaign']} {outcome(last)}, {why}.",
        "numbers": {
            "end": last["end"],
            "peak": last["peak"],
            "ratio": last["ratio"],
            "threshold": threshold,
            "severe_collapse_ratio": settings.severe_collapse_ratio,
            **beliefs,
        },
    }
    return make_plan(settings, last["campaign"] + 1, action, init_from(trace, "peak"), max_steps, reason)
