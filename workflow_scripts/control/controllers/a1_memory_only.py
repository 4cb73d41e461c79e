"""A1, memory only: every campaign is recorded and nothing is made of it (paper, section 5.4).

Its plans are A0's. Its chains are not: the draws of a campaign depend on the controller's name, so that A1 is a second,
independent sample of naive chaining.
"""

from collections.abc import Sequence

from workflow_scripts.control.controllers import a0_naive, first_campaign
from workflow_scripts.control.memory import extend, outcome
from workflow_scripts.control.plans import BaseSettings, make_state
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State

Settings = BaseSettings


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` as A0 does; the state remembers all campaigns, ``None`` replays them."""
    memory = extend(state, history)
    new_state = make_state(settings, len(history) + 1, memory)
    if not history:
        return first_campaign.start(settings), new_state

    plan, _ = a0_naive.decide(history, None, settings)
    last = memory[-1]
    reason: Reason = {
        "rule": "memory only (section 5.4)",
        "text": f"Campaign {last['campaign']} {outcome(last)}, which is recorded; the chain goes on as without memory.",
        "numbers": {"end": last["end"], "peak": last["peak"], "ratio": last["ratio"]},
    }
    return {**plan, "reason": reason}, new_state
