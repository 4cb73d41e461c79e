"""A2 is A3 without belief revision."""

import pytest
from hypothesis import given, settings

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import histories, settings_of
from workflow_scripts.control.controllers import a2_gate, a3_care


@settings(deadline=None, max_examples=60)
@given(history=histories())
def test_where_nothing_surprises_it_decides_as_a3(history: list[dict]) -> None:
    plan, state = a2_gate.decide(history, None, settings_of(a2_gate))
    unsurprised = settings_of(a3_care, prediction_error=1.0)  # no two ratios differ by more
    full, full_state = a3_care.decide(history, None, unsurprised)
    numbers = plan["reason"]["numbers"]
    assert plan["reason"]["text"] == full["reason"]["text"]
    assert numbers == {name: full["reason"]["numbers"][name] for name in numbers}
    assert {**plan, "reason": None} == {**full, "reason": None}
    assert state["threshold"] == full_state["threshold"] == 0.5


@pytest.mark.parametrize(
    ("end", "action", "steps"), [(0.8, "reuse", 20), (0.4, "reuse", 20), (0.3, "pilot", 10), (0.05, "reject", 10)]
)
def test_its_actions(end: float, action: str, steps: int) -> None:
    plan, _ = a2_gate.decide([make_trace([0.1, 0.8, end])], None, settings_of(a2_gate))
    assert (plan["action"], plan["max_steps"]) == (action, steps)
    assert plan["init"] == {"campaign": 1, "checkpoint": "peak"}


def test_its_threshold_stays_after_surprises() -> None:
    history = [make_trace([0.5, 0.5]), make_trace([0.5, 0.0], 2), make_trace([0.5, 0.5], 3), make_trace([0.5, 0.0], 4)]
    _, state = a2_gate.decide(history, None, settings_of(a2_gate))
    assert [entry["threshold"] for entry in state["memory"]] == [0.5] * 4
    assert [entry["predicted_ratio"] for entry in state["memory"]] == [None] * 4
