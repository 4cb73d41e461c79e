"""A2 of Wave 1: peak checkpoint; each collapse halves the learning rate, cumulatively (paper, appendix A)."""

from collections.abc import Sequence

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.learning_rate_decay import DecaySettings, collapses, make_decayed_plan
from workflow_scripts.control.memory import extend
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import State

Settings = DecaySettings


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1``; the state remembers all campaigns, ``None`` replays them."""
    threshold = settings.threshold
    memory = extend(state, history, threshold)
    new_state = make_state(settings, len(history) + 1, memory, threshold=threshold)
    if not history:
        return first_campaign.start(settings), new_state

    counts = {"collapses": collapses(memory, threshold)}
    factor = settings.collapse_factor ** counts["collapses"]
    rule = "transfer gate v1 (appendix A)"
    return make_decayed_plan(history[-1], memory, factor, settings, rule, counts), new_state
