"""B2 and M1: the paper's grid, draws with the stated probabilities, and what biases them."""

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import histories, settings_of
from workflow_scripts.control.controllers import b2_random_search, m1_random_pareto
from workflow_scripts.control.controllers.m1_random_pareto import pareto_front, search_weights
from workflow_scripts.control.hyperparameter_search import draw, grid
from workflow_scripts.control.memory import extend

CELLS = grid(settings_of(b2_random_search))


def test_the_grid_is_the_papers() -> None:
    cells = grid(settings_of(b2_random_search, learning_rate=1e-6))
    assert cells == [(rate, kl) for rate in (5e-7, 1e-6, 2e-6) for kl in (0.0, 0.01, 0.05)]


@pytest.mark.parametrize("weights", [[1 / 9] * 9, [0.4, 0.0, 0.3, 0.1, 0.2]])
def test_draws_have_the_stated_probabilities(weights: list[float]) -> None:
    counts = Counter(draw(weights, settings_of(b2_random_search, seed=seed), 2) for seed in range(3000))
    for cell, weight in enumerate(weights):
        assert abs(counts[cell] / 3000 - weight) <= 4 * math.sqrt(weight * (1 - weight) / 3000)


def test_draws_depend_on_chain_controller_seed_and_campaign() -> None:
    def drawn(**changes: object) -> list[int]:
        return [draw([1 / 9] * 9, settings_of(b2_random_search, **changes), campaign) for campaign in range(2, 40)]

    assert drawn() == drawn()
    assert drawn() != drawn(seed=11)
    assert drawn() != drawn(controller="B2")
    assert drawn() != drawn(chain="3B-reinforce-py-20")
    assert len(set(drawn())) > 1


@settings(deadline=None, max_examples=60)
@given(history=histories().filter(bool), others=histories())
def test_b2_does_not_look_at_pass_rates(history: list[dict], others: list[dict]) -> None:
    plan, _ = b2_random_search.decide(history, None, settings_of(b2_random_search))
    assert (plan["learning_rate"], plan["kl_coefficient"]) in CELLS
    assert plan["max_steps"] == 20
    if len(others) == len(history):
        other, _ = b2_random_search.decide(others, None, settings_of(b2_random_search))
        assert other["learning_rate"] == plan["learning_rate"]
        assert other["kl_coefficient"] == plan["kl_coefficient"]


@pytest.mark.parametrize("module", [b2_random_search, m1_random_pareto])
@pytest.mark.parametrize("checkpoint", ["end", "peak"])
def test_the_checkpoint_is_a_setting(module, checkpoint: str) -> None:
    plan, _ = module.decide([make_trace([0.5, 0.2])], None, settings_of(module, checkpoint=checkpoint))
    assert (plan["action"], plan["init"]) == ("adapt", {"campaign": 1, "checkpoint": checkpoint})


def remembered(*campaigns: tuple[float, float, float, float]) -> list[dict]:
    """Memory of campaigns with (peak, end, learning rate, KL coefficient)."""
    traces = [make_trace([peak, end], number) for number, (peak, end, _, _) in enumerate(campaigns, start=1)]
    for trace, (_, _, rate, kl) in zip(traces, campaigns, strict=True):
        trace["plan"] |= {"learning_rate": rate, "kl_coefficient": kl}
    return extend(None, traces)


def test_the_front_by_hand() -> None:
    memory = remembered(
        (0.9, 0.1, 0.0015, 0.0),  # the highest peak
        (0.5, 0.4, 0.0015, 0.0),  # the highest end, as high as the next one's
        (0.6, 0.4, 0.0015, 0.0),  # beats the one before
        (0.6, 0.4, 0.003, 0.0),  # equal: neither beats the other
        (0.4, 0.3, 0.0015, 0.0),
    )
    assert [entry["campaign"] for entry in pareto_front(memory)] == [1, 3, 4]
    assert pareto_front(extend(None, [make_trace([0.9, None], status="non_finite_loss"), make_trace([], 2)])) == []


def test_the_posterior_by_hand() -> None:
    """p = 0.6 over 9 cells: every cell has 0.4 / 9; the centre and its 4 neighbours share 0.6, or a corner and 2."""
    uniform = 0.4 / 9
    centre = search_weights(remembered((0.5, 0.5, 0.0015, 0.01)), CELLS, 3, 0.6)
    assert centre == pytest.approx([uniform + (0.12 if cell in (1, 3, 4, 5, 7) else 0.0) for cell in range(9)])
    corner = search_weights(remembered((0.5, 0.5, 0.003, 0.05)), CELLS, 3, 0.6)
    assert corner == pytest.approx([uniform + (0.2 if cell in (5, 7, 8) else 0.0) for cell in range(9)])
    both = search_weights(remembered((0.9, 0.1, 0.0015, 0.01), (0.5, 0.5, 0.003, 0.05)), CELLS, 3, 0.6)
    assert both == pytest.approx([(one + other) / 2 for one, other in zip(centre, corner, strict=True)])
    between = search_weights(remembered((0.5, 0.5, 0.0015, 0.02)), CELLS, 3, 0.6)
    assert between == centre, "a KL coefficient off the grid counts as the nearest"
    assert search_weights([], CELLS, 3, 0.6) == [1 / 9] * 9


@settings(deadline=None, max_examples=60)
@given(history=histories(), pareto_probability=st.floats(0, 1))
def test_the_posterior_is_a_distribution(history: list[dict], pareto_probability: float) -> None:
    weights = search_weights(pareto_front(extend(None, history)), CELLS, 3, pareto_probability)
    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1)
    if history:
        plan, _ = m1_random_pareto.decide(
            history, None, settings_of(m1_random_pareto, pareto_probability=pareto_probability)
        )
        assert (plan["learning_rate"], plan["kl_coefficient"]) in CELLS
