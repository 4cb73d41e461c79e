"""A4 is A3, but for a reuse after C++ accuracy dropped below the first campaign's."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import SETTINGS, histories, settings_of
from workflow_scripts.control.controllers import a3_care, a4_capability_override
from workflow_scripts.control.registry import load_controller
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

values = st.one_of(st.none(), st.integers(0, 100).map(lambda correct: correct / 100))


def measured(trace: dict, cpp_acc: float | None) -> dict:
    return {**trace, "capabilities": {"cpp_acc": cpp_acc}}


@pytest.mark.parametrize(
    ("baseline", "signal", "action", "steps"),
    [
        (0.2, 0.19, "pilot", 10),
        (0.2, 0.2, "reuse", 20),
        (0.2, 0.3, "reuse", 20),
        (None, 0.0, "reuse", 20),
        (0.2, None, "reuse", 20),
    ],
)
def test_the_override(baseline: float | None, signal: float | None, action: str, steps: int) -> None:
    history = [measured(make_trace([0.5, 0.5]), baseline), measured(make_trace([0.5, 0.5], 2, action="reuse"), signal)]
    plan, state = a4_capability_override.decide(history, None, settings_of(a4_capability_override))
    assert (plan["action"], plan["max_steps"]) == (action, steps)
    assert plan["init"] == {"campaign": 2, "checkpoint": "peak"}
    assert plan["reason"]["numbers"]["cpp_acc"] == signal
    assert plan["reason"]["numbers"]["baseline_cpp_acc"] == baseline
    assert state == a3_care.decide(history, None, settings_of(a3_care))[1]


def test_a_rejection_stays_one() -> None:
    history = [measured(make_trace([0.5, 0.5]), 0.2), measured(make_trace([0.5, 0.0], 2, action="reuse"), 0.0)]
    plan, _ = a4_capability_override.decide(history, None, settings_of(a4_capability_override))
    assert plan["action"] == "reject"


@settings(deadline=None, max_examples=60)
@given(history=histories(), signals=st.lists(values, min_size=9, max_size=9))
def test_it_differs_from_a3_by_the_override_alone(history: list[dict], signals: list[float | None]) -> None:
    shown = [measured(trace, signal) for trace, signal in zip(history, signals, strict=False)]
    state = None
    for seen in range(len(shown) + 1):
        plan, state = a4_capability_override.decide(shown[:seen], state, settings_of(a4_capability_override))
        state = json.loads(json.dumps(state, allow_nan=False))
    assert (plan, state) == a4_capability_override.decide(shown, None, settings_of(a4_capability_override))
    validate(plan, "plan", source="plan")
    validate(state, "state", source="state")
    scalar, scalar_state = a3_care.decide(history, None, settings_of(a3_care))
    assert state == scalar_state
    if plan["action"] != scalar["action"]:
        assert (scalar["action"], plan["action"], plan["max_steps"]) == ("reuse", "pilot", SETTINGS["pilot_steps"])
    reasonless = {"action": None, "max_steps": None, "reason": None}
    assert {**plan, **reasonless} == {**scalar, **reasonless}


def test_a_trace_without_capabilities_is_named() -> None:
    with pytest.raises(UserError, match="campaign 1 of 7B-reinforce-py-20: capabilities: is missing"):
        a4_capability_override.decide([make_trace([0.5, 0.5])], None, settings_of(a4_capability_override))


def test_the_registry_knows_what_it_needs() -> None:
    assert load_controller("a4_capability_override").needs == ("capabilities",)
    assert a4_capability_override.SPLITS == ("cpp",)
