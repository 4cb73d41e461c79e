"""A4, the K-dim audit: A3's scalar gate, overridden when C++ accuracy drops below the chain's baseline (appendix I.3).

The paper says "overrides the deployed scalar gate when the cross-language cpp_acc signal drops below a chain-level
baseline", not which baseline, nor what the override does. Here the baseline is the chain's own first campaign, from
which all its controllers start; an override makes a reuse a pilot, and leaves alone what is cautious already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_scripts.control.belief_revision import predict_ratio
from workflow_scripts.control.capabilities import SPLITS_OF, MeasuredSettings, capabilities_of
from workflow_scripts.control.controllers import a3_care
from workflow_scripts.core.contracts.campaigns import Plan, Reason
from workflow_scripts.core.contracts.states import MeasuredTrace, State

NEEDS = ("capabilities",)
EVALUATED = "peak"  # A3 rolls the peak forward, so this is the model that the next campaign would start from
SIGNAL = "cpp_acc"
SPLITS = SPLITS_OF[SIGNAL]


@dataclass(frozen=True, kw_only=True)
class Settings(a3_care.Settings, MeasuredSettings):
    """What A4 is told: what A3 is, beside capabilities."""


def decide(history: Sequence[MeasuredTrace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """A3's plan for campaign ``len(history) + 1``, with a pilot in the place of a reuse that costs C++; A3's state."""
    plan, new_state = a3_care.decide(history, state, settings)
    if not history:
        return plan, new_state

    signal = capabilities_of(history[-1]).get(SIGNAL)
    baseline = capabilities_of(history[0]).get(SIGNAL)
    numbers = {**plan["reason"]["numbers"], SIGNAL: signal, f"baseline_{SIGNAL}": baseline}
    dropped = signal is not None and baseline is not None and signal < baseline
    if not dropped or plan["action"] != "reuse":
        return {**plan, "reason": {**plan["reason"], "numbers": numbers}}, new_state

    max_steps = min(settings.pilot_steps, settings.steps)
    reason: Reason = {
        "rule": "K-dim override of the CARE v2 gate (appendix I.3)",
        "text": (
            f"Campaign {len(history)} left {SIGNAL} at {signal:.2f}, below the first campaign's {baseline:.2f}: "
            f"the scalar gate's reuse becomes a pilot of {max_steps} steps."
        ),
        "numbers": {**numbers, "next_predicted_ratio": predict_ratio(new_state["memory"], "pilot")},
    }
    return {**plan, "action": "pilot", "max_steps": max_steps, "reason": reason}, new_state
