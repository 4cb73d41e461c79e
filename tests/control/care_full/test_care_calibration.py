"""Theorem 2 by simulation: the gate keeps its promise where its assumptions hold, and not at a cliff (section 6)."""

import math
import random
from collections.abc import Iterator

from tests.control.simulated_chains import NAMES, SETTINGS, World, linear_world, simulate
from workflow_scripts.control.care_full.care_memory import take_in
from workflow_scripts.core.contracts.states import Effect

CLIFF = 0.75


def campaigns_of(plans_and_traces: tuple[list[dict], list[dict]]) -> Iterator[tuple[dict, Effect]]:
    plans, history = plans_and_traces
    return zip(plans, take_in([], history, SETTINGS), strict=True)


def is_hidden_regression(entry: Effect) -> bool:
    return entry["delta"]["pass@1"] > 0 and bool(entry["regressed"])


def standard_error(rate: float, count: int) -> float:
    return math.sqrt(rate * (1 - rate) / count)


def test_where_effects_are_linear_the_gate_keeps_to_alpha() -> None:
    alpha = SETTINGS.initial_alpha
    draws = [random.Random(seed) for seed in range(60)]
    seen = [item for draw in draws for item in campaigns_of(simulate(linear_world(draw), draw, 18))]

    reused = [entry for plan, entry in seen if plan["action"] == "reuse"]
    assert len(reused) > 60
    limit = alpha + 3 * standard_error(alpha, len(reused))
    assert sum(map(is_hidden_regression, reused)) / len(reused) <= limit
    for name in SETTINGS.protected:
        assert sum(name in entry["regressed"] for entry in reused) / len(reused) <= limit

    # Not by refusing everything: the probabilities are right wherever they were stated, and so is the trigger's rate.
    stated = [
        (plan["reason"]["numbers"][f"regression_probability/{name}"], name in entry["regressed"])
        for plan, entry in seen
        if plan["campaign"] > 1
        for name in SETTINGS.protected
    ]
    promised = sum(probability for probability, _ in stated) / len(stated)
    # Given what was known, each is right by itself: what is left over after them is uncorrelated, also within a chain.
    assert abs(sum(fell for _, fell in stated) / len(stated) - promised) < 3 * standard_error(promised, len(stated))
    rate = 1 - SETTINGS.surprise_level
    surprises = sum(entry["triggered"] for _, entry in seen) / len(seen)
    assert abs(surprises - rate) < 3 * standard_error(rate, len(seen))


def cliff_world(draw: random.Random) -> World:
    """The target always gains 0.05; the rest is untouched until the target is past the cliff, then it falls by 0.4."""

    def effects(_strategy: tuple[float, float], context: list[float]) -> dict[str, float]:
        fall = -0.4 if context[0] > CLIFF else 0.0
        return {name: (0.05 if name == "pass@1" else fall) + draw.gauss(0, 0.01) for name in NAMES}

    return effects


def test_at_a_cliff_the_gate_breaks_its_promise() -> None:
    """Assumption 1 fails: nothing before the cliff foretells it, and what worked so far is reused over it."""
    alpha = SETTINGS.initial_alpha
    draws = [random.Random(seed) for seed in range(40)]
    reused = [
        entry
        for draw in draws
        for plan, entry in campaigns_of(simulate(cliff_world(draw), draw, 10))
        if plan["action"] == "reuse"
    ]
    rate = sum(map(is_hidden_regression, reused)) / len(reused)
    assert rate > alpha + 3 * standard_error(alpha, len(reused))
    believed = [entry["risk"] for entry in reused if is_hidden_regression(entry)]
    assert max(believed) <= alpha  # and every one of them was believed to be safe
