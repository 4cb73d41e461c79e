"""The grid of strategies, its neighbourhoods, and what is read back from a plan."""

from dataclasses import replace

import pytest

from tests.control.simulated_chains import SETTINGS
from workflow_scripts.control.care_full.care_strategies import (
    BASE,
    Strategy,
    apply,
    budget,
    identify,
    propose,
    strategy_grid,
)
from workflow_scripts.core.errors import UserError


def test_the_base_comes_first() -> None:
    grid = strategy_grid(SETTINGS)
    assert len(grid) == 9
    assert grid[0] == BASE


def test_a_base_that_is_not_declared_is_named() -> None:
    with pytest.raises(UserError, match="controller A5: learning_rate_factors and kl_increments must hold 1 and 0"):
        strategy_grid(replace(SETTINGS, learning_rate_factors=[0.5, 2.0]))


def test_candidates_are_one_step_away() -> None:
    near_base = [BASE, Strategy(0.5, 0.0), Strategy(1.0, 0.01), Strategy(2.0, 0.0)]
    assert propose(set(), SETTINGS) == near_base
    # From (2, 0) also (2, 0.01); (0.5, 0) is one step from the base.
    assert propose({Strategy(2.0, 0.0)}, SETTINGS) == [*near_base, Strategy(2.0, 0.01)]


@pytest.mark.parametrize("schedule", [[0.0], [0.05], [0.01, 0.02, 0.03]])
def test_every_strategy_is_recognised_in_its_plan(schedule: list[float]) -> None:
    settings = replace(SETTINGS, kl_schedule=schedule, learning_rate=1e-6)
    for campaign in (1, 2, 7):
        for strategy in strategy_grid(settings):
            plan = {"campaign": campaign, **apply(strategy, settings, campaign)}
            assert identify(plan, settings) == strategy


@pytest.mark.parametrize(
    ("action", "distance", "steps"),
    [
        ("reuse", 0.9, 20),
        ("pilot", None, 10),
        ("reject", 0.0, 10),
        ("adapt", 0.3, 17),  # 20 x 0.25 / 0.3 = 16.7
        ("adapt", 0.9, 10),  # 20 x 0.25 / 0.9 = 5.6, but no less than a pilot
    ],
)
def test_budget(action: str, distance: float | None, steps: int) -> None:
    assert budget(action, distance, SETTINGS) == steps


def test_a_pilot_is_never_longer_than_a_campaign() -> None:
    assert budget("pilot", None, replace(SETTINGS, steps=4)) == 4
    assert budget("adapt", 0.3, replace(SETTINGS, steps=4)) == 4
