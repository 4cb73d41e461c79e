"""Wave 1's controllers: the learning rate is the base rate times 0.5 per collapse and 0.7 per revision, exactly."""

import math

import pytest
from hypothesis import given, settings

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import SETTINGS, histories, settings_of
from workflow_scripts.control.controllers import a2v1_gate, a3v1_care
from workflow_scripts.core.traces import PASS_RATE

BASE = SETTINGS["learning_rate"]


def ratio_of(trace: dict) -> float | None:
    """End / peak by hand: 0 for a failure, None for a campaign that never rose."""
    rates = [step[PASS_RATE] for step in trace["steps"]]
    if trace["status"] != "completed" or not rates or any(rate is None or math.isnan(rate) for rate in rates):
        return 0.0
    return rates[-1] / max(rates) if max(rates) > 0 else None


def count_events(history: list[dict]) -> tuple[int, int]:
    """Collapses below 0.5, and observed ratios more than 0.2 below the mean of their precedents."""
    seen: list[tuple[str, float]] = []
    collapses = revisions = 0
    for trace in history:
        ratio, action = ratio_of(trace), trace["plan"]["action"]
        if ratio is None:
            continue
        precedents = [value for name, value in seen if name == action] or [value for _, value in seen]
        collapses += ratio < 0.5
        revisions += bool(precedents) and ratio < sum(precedents) / len(precedents) - 0.2 - 1e-12
        seen.append((action, ratio))
    return collapses, revisions


@settings(deadline=None, max_examples=100)
@given(history=histories())
def test_the_rate_counts_collapses_and_revisions(history: list[dict]) -> None:
    collapses, revisions = count_events(history)
    halved, _ = a2v1_gate.decide(history, None, settings_of(a2v1_gate))
    shrunk, _ = a3v1_care.decide(history, None, settings_of(a3v1_care))
    assert halved["learning_rate"] == BASE * 0.5**collapses
    assert shrunk["learning_rate"] == BASE * (0.5**collapses * 0.7**revisions)
    assert halved["max_steps"] == shrunk["max_steps"] == 20


def test_the_papers_rate_at_campaign_3() -> None:
    """Appendix A: about 3.5e-7 from 1e-6. Campaign 1 keeps its peak; campaign 2 collapses, which nothing foretold."""
    history = [make_trace([0.5, 0.5]), make_trace([0.5, 0.1], 2, action="reuse")]
    plan, state = a3v1_care.decide(history, None, settings_of(a3v1_care, learning_rate=1e-6))
    assert plan["learning_rate"] == pytest.approx(3.5e-7)
    assert (plan["action"], plan["init"]) == ("adapt", {"campaign": 2, "checkpoint": "peak"})
    assert plan["reason"]["text"] == (
        "Campaign 2 ended at 0.20 of its peak, a collapse below the threshold 0.50: 20 steps from its peak checkpoint"
        " at 0.35 of the base learning rate (collapses: 1, revisions: 1)."
    )
    assert state["memory"][1]["predicted_ratio"] == 1.0
    plan, _ = a2v1_gate.decide(history, None, settings_of(a2v1_gate, learning_rate=1e-6))
    assert plan["learning_rate"] == 5e-7


def test_a_success_does_not_bring_the_rate_back() -> None:
    history = [make_trace([0.5, 0.1]), make_trace([0.5, 0.5], 2, action="adapt")]
    for module in (a2v1_gate, a3v1_care):
        plan, _ = module.decide(history, None, settings_of(module))
        assert (plan["action"], plan["learning_rate"]) == ("reuse", BASE * 0.5)
        assert "not below the threshold" in plan["reason"]["text"]
