"""Routing (appendix D.2) case by case, and the choice between candidates."""

from dataclasses import replace

import pytest

from tests.control.simulated_chains import NAMES, SETTINGS
from workflow_scripts.control.care_full.care_gate import assess, choose, route
from workflow_scripts.control.care_full.care_strategies import BASE, Strategy

ALPHA = 0.1  # confidence bounds 0.2 and 0.5, context distance 0.25, boundary margin 0.05


@pytest.mark.parametrize(
    ("risk", "certainty", "context_distance", "boundary_distance", "action"),
    [
        (0.05, 0.6, 0.0, None, "reuse"),
        (0.10, 0.6, 0.0, None, "reuse"),  # at alpha
        (0.05, 0.6, 0.9, None, "reuse"),  # sure in a far context too: reuse is printed first
        (0.05, 0.5, 0.9, None, "adapt"),  # at the upper bound: not above it
        (0.05, 0.5, 0.25, None, "pilot"),  # no case of the paper's holds
        (0.05, 0.2, 0.0, None, "pilot"),  # low confidence
        (0.50, 0.2, 0.9, None, "pilot"),  # low confidence, though risky: it must be tried to be known
        (0.05, 0.9, 0.0, 0.05, "pilot"),  # at the boundary
        (0.05, 0.9, 0.0, 0.06, "reuse"),
        (0.11, 0.9, 0.0, None, "reject"),
        (0.11, 0.3, 0.9, None, "reject"),  # far, but too risky to be adapted
        (None, 0.9, None, None, "pilot"),
    ],
)
def test_routing(
    risk: float | None,
    certainty: float,
    context_distance: float | None,
    boundary_distance: float | None,
    action: str,
) -> None:
    assert route(risk, certainty, context_distance, boundary_distance, ALPHA, SETTINGS) == action


def entry(strategy: Strategy, effect: float, protected: float, context: list[float]) -> dict:
    """A remembered campaign that went exactly as predicted."""
    delta = {"pass@1": effect, **dict.fromkeys(NAMES[1:], protected)}
    return {
        "strategy": {"learning_rate_factor": strategy.learning_rate_factor, "kl_increment": strategy.kl_increment},
        "context": context,
        "delta": delta,
        "predicted": delta,
        "noise_variance": SETTINGS.observation_noise**2,
        "boundary": [],
        "alpha": ALPHA,
    }


def test_an_untried_strategy_is_piloted() -> None:
    untried = assess(BASE, [], [0.5, 1.0], SETTINGS)
    assert (untried.action, untried.confidence, untried.expected_gain) == ("pilot", 0.0, 0.0)
    assert untried.risk > SETTINGS.initial_alpha
    assert untried.context_distance is None


def test_the_best_expected_gain_is_chosen() -> None:
    fast = Strategy(2.0, 0.0)
    entries = [entry(BASE, 0.02, 0.0, [0.5, 1.0])] * 3 + [entry(fast, 0.2, 0.0, [0.5, 1.0])] * 3
    best, assessed = choose(entries, [0.5, 1.0], SETTINGS)
    assert (best.strategy, best.action) == (fast, "reuse")
    assert len(assessed) == 5


def test_between_equal_gains_the_surer_action_is_chosen() -> None:
    fast = Strategy(2.0, 0.0)
    best, _ = choose([entry(fast, 0.0, 0.0, [0.5, 1.0])] * 3, [0.5, 1.0], SETTINGS)
    assert (best.strategy, best.action) == (fast, "reuse")  # and not a pilot of the base, untried here


def test_a_strategy_that_costs_a_protected_capability_is_not_chosen() -> None:
    fast = Strategy(2.0, 0.0)
    entries = [entry(BASE, 0.02, 0.0, [0.5, 1.0])] * 3 + [entry(fast, 0.2, -0.2, [0.5, 1.0])] * 3
    best, assessed = choose(entries, [0.5, 1.0], SETTINGS)
    assert (best.strategy, best.action) == (BASE, "reuse")
    assert [candidate.action for candidate in assessed if candidate.strategy == fast] == ["reject"]


def test_all_rejected_is_the_base() -> None:
    settings = replace(SETTINGS, learning_rate_factors=[1.0], kl_increments=[0.0])
    best, _ = choose([entry(BASE, 0.2, -0.2, [0.5, 1.0])] * 3, [0.5, 1.0], settings)
    assert (best.strategy, best.action) == (BASE, "reject")


def test_an_unknown_context_pilots_the_base() -> None:
    best, assessed = choose([entry(Strategy(2.0, 0.0), 0.2, 0.0, [0.5, 1.0])], None, SETTINGS)
    assert (best.strategy, best.action, best.risk, len(assessed)) == (BASE, "pilot", None, 1)


def test_alpha_of_the_last_entry_counts() -> None:
    entries = [entry(BASE, 0.02, 0.0, [0.5, 1.0])] * 3
    tightened = [*entries[:2], {**entries[2], "alpha": 1e-6}]
    assert assess(BASE, entries, [0.5, 1.0], SETTINGS).action == "reuse"
    assert assess(BASE, tightened, [0.5, 1.0], SETTINGS).action == "reject"
