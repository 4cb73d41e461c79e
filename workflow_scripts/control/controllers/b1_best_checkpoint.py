"""B1, best checkpoint: always on from the peak, with fixed hyperparameters and no gate (paper, section 5.5).

The paper calls it an oracle; the peak is that of the training pass rate, which is known at the end of the campaign.
"""

from collections.abc import Sequence

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.memory import outcome, remember
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

    last = remember(history[-1])
    init = init_from(history[-1], "peak")
    reason: Reason = {
        "rule": "best checkpoint (section 5.5)",
        "text": f"Campaign {campaign - 1} {outcome(last)}: {settings.steps} steps from {origin(init)} all the same.",
        "numbers": {"peak_step": last["peak_step"], "peak": last["peak"]},
    }
    return make_plan(settings, campaign, "continue", init, settings.steps, reason), state
