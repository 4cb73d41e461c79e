"""The strategies that A5 chooses between, and how it proposes them from memory (paper, Algorithm 1, line 4).

A strategy is a learning rate and a KL coefficient, each relative to the chain's own: the two that section 5.5 searches.
The step budget is not part of it: by how many steps a strategy is applied is the gate's action (appendix A, "routing
collapse responses through step budget").
"""

from dataclasses import dataclass

from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.kl_schedules import coefficient
from workflow_scripts.core.contracts.campaigns import Action, Plan
from workflow_scripts.core.errors import UserError


@dataclass(frozen=True)
class Strategy:
    """A factor on the base learning rate and an increment on the base KL coefficient."""

    learning_rate_factor: float
    kl_increment: float


BASE = Strategy(1.0, 0.0)


def strategy_grid(settings: CareSettings) -> list[Strategy]:
    """Every declared strategy, the ones nearest to the base first; a ``UserError`` where the base is not declared."""
    factors, increments = settings.learning_rate_factors, settings.kl_increments
    if BASE.learning_rate_factor not in factors or BASE.kl_increment not in increments:
        raise UserError(
            f"controller {settings.controller}: learning_rate_factors and kl_increments must hold 1 and 0, the base "
            f"strategy that every chain starts with, but are {factors} and {increments}"
        )
    grid = [Strategy(float(factor), float(increment)) for factor in factors for increment in increments]
    return sorted(grid, key=lambda strategy: _steps_between(strategy, BASE, settings))


def propose(remembered: set[Strategy], settings: CareSettings) -> list[Strategy]:
    """The candidates: the base, what is remembered, and what differs from one of these by one step in one setting.

    In the grid's order, so that ties between candidates fall to the one nearest to the base.
    """
    known = {BASE, *remembered}
    return [
        strategy
        for strategy in strategy_grid(settings)
        if any(_steps_between(strategy, other, settings) <= 1 for other in known)
    ]


def identify(plan: Plan, settings: CareSettings) -> Strategy:
    """The declared strategy that a plan applied: the nearest one, for learning rates are products of floats."""
    increment = plan["kl_coefficient"] - coefficient(settings.kl_schedule, plan["campaign"])
    rate, base_rate = plan["learning_rate"], settings.learning_rate

    def difference(strategy: Strategy) -> float:
        expected = base_rate * strategy.learning_rate_factor
        return abs(rate - expected) / base_rate + abs(increment - strategy.kl_increment)

    return min(strategy_grid(settings), key=difference)


def apply(strategy: Strategy, settings: CareSettings, campaign: int) -> dict[str, float]:
    """The learning rate and KL coefficient of a plan that applies the strategy, by their names in the plan."""
    return {
        "learning_rate": settings.learning_rate * strategy.learning_rate_factor,
        "kl_coefficient": coefficient(settings.kl_schedule, campaign) + strategy.kl_increment,
    }


def budget(action: Action, distance: float | None, settings: CareSettings) -> int:
    """The steps that an action takes: all for reuse, ``pilot_steps`` for pilot and reject, in between for adapt.

    Adapt "modifies s on context mismatch" (appendix D.2), the paper does not say how: here the further the context lies
    from the remembered ones, the less of the strategy is applied, steps x ``context_distance`` / distance.
    """
    pilot_steps = min(settings.pilot_steps, settings.steps)
    if action == "reuse":
        return settings.steps
    if action == "adapt" and distance:
        shortened = round(settings.steps * settings.context_distance / distance)
        return max(pilot_steps, min(shortened, settings.steps))
    return pilot_steps


def _steps_between(left: Strategy, right: Strategy, settings: CareSettings) -> int:
    """Steps through the grid from one strategy to the other, along its sides."""
    factors, increments = sorted(settings.learning_rate_factors), sorted(settings.kl_increments)
    return abs(factors.index(left.learning_rate_factor) - factors.index(right.learning_rate_factor)) + abs(
        increments.index(left.kl_increment) - increments.index(right.kl_increment)
    )
