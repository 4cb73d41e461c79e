"""A0, naive chaining: always on from the end checkpoint, without memory (paper, section 5.4)."""

from collections.abc import Sequence

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, make_state, origin
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State

Settings = BaseSettings


def decide(history: Sequence[Trace], _state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` from the last trace alone; the state stays empty."""
    campaign = len(history) + 1
    state = make_state(settings, campaign, [])
    if not history:
        return first_campaign.start(settings), state

    init = init_from(history[-1], "end")
    reason: Reason = {
        "rule": "naive chaining (section 5.4)",
        "text": f"Campaign {campaign - 1} is over: {settings.steps} steps from {origin(init)}.",
        "numbers": {},
    }
    return make_plan(settings, campaign, "continue", init, settings.steps, reason), state
