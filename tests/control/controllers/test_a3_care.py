"""CARE v2 by hand: gate, belief revision and the sequence of decisions along one chain."""

import pytest

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import settings_of
from workflow_scripts.control.belief_revision import predict_ratio, revise_threshold
from workflow_scripts.control.controllers import a3_care
from workflow_scripts.control.gate import gate


@pytest.mark.parametrize(
    ("ratio", "action"),
    [
        (1.0, "reuse"),
        (0.5, "reuse"),
        (0.49, "pilot"),
        (0.1, "pilot"),
        (0.09, "reject"),
        (0.0, "reject"),
        (None, "reuse"),
    ],
)
def test_gate_at_its_boundaries(ratio: float | None, action: str) -> None:
    assert gate(ratio, threshold=0.5, severe_collapse_ratio=0.1) == action


@pytest.mark.parametrize(
    ("threshold", "predicted", "observed", "revised"),
    [
        (0.5, 0.8, 0.2, 0.55),  # an unforeseen collapse: more sensitive
        (0.5, 0.2, 0.8, 0.45),  # an unforeseen success: less
        (0.5, 0.5, 0.3, 0.5),  # an error of 0.2 is not above 0.2
        (0.69, 0.9, 0.0, 0.7),
        (0.31, 0.0, 0.9, 0.3),
        (0.5, None, 0.9, 0.5),
        (0.5, 0.9, None, 0.5),
    ],
)
def test_revision(threshold: float, predicted: float | None, observed: float | None, revised: float) -> None:
    assert revise_threshold(threshold, predicted, observed, 0.2, 0.05, (0.3, 0.7)) == revised


def test_revision_does_not_drift() -> None:
    threshold = 0.3
    for _ in range(6):
        threshold = revise_threshold(threshold, 0.9, 0.1, 0.2, 0.05, (0.3, 0.7))
    assert threshold == 0.6


def test_prediction_prefers_precedents_of_the_same_action() -> None:
    memory = [
        {"ratio": ratio, "strategy": {"action": action}}
        for ratio, action in [(0.9, "start"), (0.2, "pilot"), (None, "pilot"), (0.4, "pilot")]
    ]
    assert predict_ratio(memory, "pilot") == pytest.approx(0.3)
    assert predict_ratio(memory, "reuse") == pytest.approx(0.5)
    assert predict_ratio([], "reuse") is None


def test_one_chain_by_hand() -> None:
    """Ratios 0.4, 0.9, 0.05, failed: pilot, reuse, reject, reject; the threshold follows the surprises."""
    history = [make_trace([0.5, 0.2])]
    plan, state = a3_care.decide(history, None, settings_of(a3_care))
    # 0.4 < 0.5: a moderate collapse; nothing was predicted, so nothing was revised.
    assert (plan["action"], plan["max_steps"], state["threshold"]) == ("pilot", 10, 0.5)
    assert plan["init"] == {"campaign": 1, "checkpoint": "peak"}

    history.append(make_trace([0.5, 0.45], 2, action="pilot"))
    plan, state = a3_care.decide(history, state, settings_of(a3_care))
    # Predicted 0.4 (the only entry), observed 0.9: an unforeseen success.
    assert (plan["action"], plan["max_steps"], state["threshold"]) == ("reuse", 20, 0.45)
    assert state["memory"][1]["predicted_ratio"] == pytest.approx(0.4)
    assert plan["init"] == {"campaign": 2, "checkpoint": "peak"}

    history.append(make_trace([0.1, 0.8, 0.04], 3, action="reuse"))
    plan, state = a3_care.decide(history, state, settings_of(a3_care))
    # No reuse before: predicted the mean of all, 0.65; observed 0.05: an unforeseen, severe collapse.
    assert (plan["action"], plan["max_steps"], state["threshold"]) == ("reject", 10, 0.5)
    assert plan["reason"]["numbers"]["last_predicted_ratio"] == pytest.approx(0.65)
    assert "ended at 0.05 of its peak, a severe collapse" in plan["reason"]["text"]
    entry = state["memory"][2]
    assert (entry["peak_step"], entry["peak"], entry["end"]) == (2, 0.8, 0.04)
    assert entry["context"] == {"start_pass_rate": 0.1}

    history.append(make_trace([0.3, 0.6, None], 4, action="reject", status="non_finite_loss"))
    plan, state = a3_care.decide(history, state, settings_of(a3_care))
    # A failure is a severe collapse (ratio 0); its peak was measured, so it is rolled forward all the same.
    assert (plan["action"], plan["max_steps"]) == ("reject", 10)
    assert plan["init"] == {"campaign": 4, "checkpoint": "peak"}
    assert state["memory"][3]["ratio"] == 0.0
    assert "failed (non_finite_loss)" in plan["reason"]["text"]


def test_a_chain_that_never_rose_is_given_its_full_budget() -> None:
    plan, state = a3_care.decide([make_trace([0.0, 0.0])], None, settings_of(a3_care))
    assert (plan["action"], plan["max_steps"], state["threshold"]) == ("reuse", 20, 0.5)
    assert state["memory"][0]["ratio"] is None


def test_a_pilot_is_never_longer_than_the_budget() -> None:
    plan, _ = a3_care.decide([make_trace([0.5, 0.2])], None, settings_of(a3_care, steps=8))
    assert plan["max_steps"] == 8
