"""B2, random hyperparameter search: each campaign draws its learning rate and KL coefficient (paper, section 5.5)."""

from typing import Any

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.hyperparameter_search import SearchSettings, grid, make_searched_plan
from workflow_scripts.control.plans import make_state

Settings = SearchSettings


def decide(
    history: list[dict[str, Any]], _state: dict[str, Any] | None, settings: Settings
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan campaign ``len(history) + 1`` without looking at any pass rate; the state stays empty."""
    state = make_state(settings, len(history) + 1, [])
    if not history:
        return first_campaign.start(settings), state

    cells = len(grid(settings))
    weights = [1 / cells] * cells
    rule, drawn_from = "random search (section 5.5)", f"{cells} equally likely pairs"
    return make_searched_plan(history[-1], weights, settings, rule, drawn_from, {}), state
