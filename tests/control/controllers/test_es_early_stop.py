"""ES by the paper's formula: clamp(peak_step + 3, 8, 20)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import settings_of
from workflow_scripts.control.controllers import es_early_stop
from workflow_scripts.control.controllers.es_early_stop import decide


@settings(deadline=None, max_examples=100)
@given(rates=st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=1, max_size=24))
def test_it_is_exactly_the_clamp(rates: list[float]) -> None:
    plan, state = decide([make_trace(rates)], None, settings_of(es_early_stop))
    peak_step = rates.index(max(rates)) + 1
    assert plan["max_steps"] == sorted([8, peak_step + 3, 20])[1]
    assert plan["init"] == {"campaign": 1, "checkpoint": "peak"}
    assert plan["reason"]["numbers"]["peak_step"] == peak_step
    assert state["memory"] == []


@pytest.mark.parametrize(
    ("peak_step", "max_steps"), [(1, 8), (5, 8), (6, 9), (11, 14), (16, 19), (17, 20), (18, 20), (20, 20)]
)
def test_at_its_bounds(peak_step: int, max_steps: int) -> None:
    rates = [0.1] * 20
    rates[peak_step - 1] = 0.9
    plan, _ = decide([make_trace(rates)], None, settings_of(es_early_stop))
    assert (plan["action"], plan["max_steps"]) == ("stop_early", max_steps)


def test_a_failed_campaigns_peak_counts() -> None:
    plan, _ = decide([make_trace([0.1] * 8 + [0.9, None], status="non_finite_loss")], None, settings_of(es_early_stop))
    assert (plan["max_steps"], plan["init"]) == (12, {"campaign": 1, "checkpoint": "peak"})


def test_without_a_peak_it_takes_the_upper_bound() -> None:
    plan, _ = decide(
        [make_trace([None], status="non_finite_loss")], None, settings_of(es_early_stop, es_bounds=(8, 16))
    )
    assert plan["max_steps"] == 16


@pytest.mark.parametrize(("steps", "max_steps"), [(6, 6), (50, 20)])
def test_a_shorter_chain_stays_short_and_a_longer_one_keeps_the_bounds(steps: int, max_steps: int) -> None:
    rates = [0.1] * 30
    rates[25] = 0.9
    plan, _ = decide([make_trace(rates)], None, settings_of(es_early_stop, steps=steps))
    assert plan["max_steps"] == max_steps
