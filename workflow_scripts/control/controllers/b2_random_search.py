"""B2, random hyperparameter search: each campaign draws its learning rate and KL coefficient (paper, section 5.5)."""

from collections.abc import Sequence

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.hyperparameter_search import SearchSettings, grid, make_searched_plan
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import State

Settings = SearchSettings


def decide(history: Sequence[Trace], _state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` without looking at any pass rate; the state stays empty."""
    state = make_state(settings, len(history) + 1, [])
    if not history:
        return first_campaign.start(settings), state

    cells = len(grid(settings))
    weights = [1 / cells] * cells
    rule, drawn_from = "random search (section 5.5)", f"{cells} equally likely pairs"
    return make_searched_plan(history[-1], weights, settings, rule, drawn_from, {}), state
