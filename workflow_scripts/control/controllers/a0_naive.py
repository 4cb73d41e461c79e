"""A0, naive chaining: always on from the end checkpoint, without memory (paper, section 5.4)."""

from typing import Any

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, make_state, origin

Settings = BaseSettings


def decide(
    history: list[dict[str, Any]], _state: dict[str, Any] | None, settings: Settings
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan campaign ``len(history) + 1`` from the last trace alone; the state stays empty."""
    campaign = len(history) + 1
    state = make_state(settings, campaign, [])
    if not history:
        return first_campaign.start(settings), state

    init = init_from(history[-1], "end")
    reason = {
        "rule": "naive chaining (section 5.4)",
        "text": f"Campaign {campaign - 1} is over: {settings.steps} steps from {origin(init)}.",
        "numbers": {},
    }
    return make_plan(settings, campaign, "continue", init, settings.steps, reason), state
