"""A1 remembers and plans as A0 does."""

from hypothesis import given, settings

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import histories, settings_of
from workflow_scripts.control.controllers import a0_naive, a1_memory_only


@settings(deadline=None, max_examples=60)
@given(history=histories())
def test_its_plans_are_those_of_a0(history: list[dict]) -> None:
    plan, state = a1_memory_only.decide(history, None, settings_of(a1_memory_only, controller="A1"))
    naive, _ = a0_naive.decide(history, None, settings_of(a0_naive, controller="A0"))
    assert {**plan, "controller": "A0", "reason": naive["reason"]} == naive
    assert [entry["campaign"] for entry in state["memory"]] == list(range(1, len(history) + 1))


def test_it_has_no_beliefs_and_no_gate() -> None:
    plan, state = a1_memory_only.decide([make_trace([0.2, 0.8, 0.4])], None, settings_of(a1_memory_only))
    (entry,) = state["memory"]
    assert (entry["peak_step"], entry["peak"], entry["end"], entry["ratio"]) == (2, 0.8, 0.4, 0.5)
    assert entry["predicted_ratio"] is None
    assert entry["threshold"] is None
    assert "threshold" not in state
    assert plan["reason"]["text"] == (
        "Campaign 1 ended at 0.50 of its peak, which is recorded; the chain goes on as without memory."
    )
