"""M1, the MORBO proxy: random search that prefers what was good at the end or at the peak (paper, appendix I.2).

The paper says "random search over (lr, kl) with a Pareto-biased posterior over end- and peak-pass@1" and no more. Here:
the grid is B2's; with probability ``pareto_probability`` a pair is drawn from the posterior, else from the whole grid.
The posterior is an even mixture over the non-dominated campaigns so far, by (end, peak), each spread evenly over its
own pair and the pairs one grid step away in one of the two; the first campaign, at base hyperparameters, counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.hyperparameter_search import SearchSettings, grid, make_searched_plan
from workflow_scripts.control.memory import extend
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import AppliedStrategy, Remembered, State


@dataclass(frozen=True, kw_only=True)
class Settings(SearchSettings):
    """What M1 is told."""

    pareto_probability: Annotated[float, "of a draw near the Pareto front, else anywhere"]


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1``; the state remembers all campaigns, ``None`` replays them."""
    memory = extend(state, history)
    new_state = make_state(settings, len(history) + 1, memory)
    if not history:
        return first_campaign.start(settings), new_state

    front = pareto_front(memory)
    weights = search_weights(front, grid(settings), len(settings.kl_coefficients), settings.pareto_probability)
    rule = "random search with a Pareto-biased posterior (appendix I.2)"
    drawn_from = f"the grid, biased to {len(front)} of {len(memory)} campaigns"
    numbers: dict[str, float | None] = {
        "pareto_probability": settings.pareto_probability,
        "front": len(front),
        "remembered": len(memory),
    }
    return make_searched_plan(history[-1], weights, settings, rule, drawn_from, numbers), new_state


def pareto_front(memory: Sequence[Remembered]) -> list[Remembered]:
    """The entries that no other one beats in end or peak without losing in the other; failed campaigns are left out."""
    measured = [
        (entry, (end, peak))
        for entry in memory
        if entry["status"] == "completed" and (end := entry["end"]) is not None and (peak := entry["peak"]) is not None
    ]

    def dominates(one: tuple[float, float], other: tuple[float, float]) -> bool:
        gains = (one[0] - other[0], one[1] - other[1])
        return min(gains) >= 0 and max(gains) > 0

    return [entry for entry, own in measured if not any(dominates(other, own) for _, other in measured)]


def search_weights(
    front: Sequence[Remembered], cells: Sequence[tuple[float, float]], columns: int, pareto_probability: float
) -> list[float]:
    """The probability of each cell of a grid with ``columns`` KL coefficients per rate; uniform without a front."""
    bias = pareto_probability if front else 0.0
    weights = [(1 - bias) / len(cells)] * len(cells)
    for entry in front:
        around = _with_neighbours(_nearest_cell(entry["strategy"], cells), len(cells) // columns, columns)
        for cell in around:
            weights[cell] += bias / len(front) / len(around)
    return weights


def _nearest_cell(strategy: AppliedStrategy, cells: Sequence[tuple[float, float]]) -> int:
    """Its own cell; a first campaign under a KL schedule may lie between two."""
    distances = [(abs(rate - strategy["learning_rate"]), abs(kl - strategy["kl_coefficient"])) for rate, kl in cells]
    return distances.index(min(distances))


def _with_neighbours(cell: int, rows: int, columns: int) -> list[int]:
    row, column = divmod(cell, columns)
    around = [(row, column), (row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
    return [r * columns + c for r, c in around if 0 <= r < rows and 0 <= c < columns]
