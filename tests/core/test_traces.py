"""The definitions of section 6 on trajectories worked out by hand, and the properties that they must have."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from workflow_scripts.core import schemas, traces
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

rate_lists = st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=1, max_size=25)

# Peak 0.8 at step 3; drops 0.1, 0.6 and 0.05 follow; 30 % of the peak is 0.24, first undercut at step 5 of 6.
CLIFF = [0.25, 0.5, 0.8, 0.7, 0.1, 0.05]


def read_schema(name: str) -> dict:
    return json.loads((Path(schemas.__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8"))


def test_a_cliff_by_hand() -> None:
    assert traces.peak(CLIFF) == (3, 0.8)
    assert traces.end(CLIFF) == 0.05
    assert traces.gap(CLIFF) == pytest.approx(0.75)
    assert traces.end_to_peak_ratio(CLIFF) == pytest.approx(0.0625)
    assert traces.is_collapse(CLIFF)
    assert traces.phase_transition_score(CLIFF) == pytest.approx(0.6 / 0.75)
    assert traces.collapse_onset_step(CLIFF) == 5
    assert traces.post_onset_latency(CLIFF) == 1


def test_a_drop_before_the_peak_is_no_phase_transition() -> None:
    assert traces.phase_transition_score([0.9, 0.1, 1.0, 0.9, 0.75]) == pytest.approx(0.15 / 0.25)


def test_a_recovery_after_the_onset_keeps_the_onset_and_lifts_the_score_above_one() -> None:
    rates = [0.5, 0.1, 0.4]
    assert not traces.is_collapse(rates)
    assert traces.collapse_onset_step(rates) == 2
    assert traces.post_onset_latency(rates) == 1
    assert traces.phase_transition_score(rates) == pytest.approx(4.0)


def test_a_collapse_is_strictly_below_the_ratio() -> None:
    assert not traces.is_collapse([0.5, 0.25], ratio=0.5)
    assert traces.collapse_onset_step([0.5, 0.25], ratio=0.5) is None
    assert traces.is_collapse([0.5, 0.25], ratio=0.51)


def test_the_first_of_tied_peaks_counts() -> None:
    assert traces.peak([0.2, 0.6, 0.1, 0.6]) == (2, 0.6)


def test_a_campaign_that_never_rose_has_not_collapsed() -> None:
    rates = [0.0, 0.0, 0.0]
    assert traces.end_to_peak_ratio(rates) is None
    assert not traces.is_collapse(rates)
    assert traces.phase_transition_score(rates) is None
    assert traces.collapse_onset_step(rates) is None
    assert traces.post_onset_latency(rates) is None


@pytest.mark.parametrize("function", [traces.peak, traces.end, traces.gap, traces.is_collapse])
def test_no_steps_are_an_error(function) -> None:
    with pytest.raises(ValueError, match=r"."):
        function([])


@pytest.mark.parametrize("hole", [None, math.nan])
def test_pass_rates_end_at_the_first_hole(hole: float | None) -> None:
    assert traces.pass_rates(make_trace([0.25, 0.5, hole, 0.75])) == [0.25, 0.5]
    assert traces.pass_rates(make_trace([])) == []


@settings(deadline=None)
@given(rate_lists)
def test_definitions_agree_with_each_other(rates: list[float]) -> None:
    step, value = traces.peak(rates)
    assert rates[step - 1] == value == max(rates)
    assert all(earlier < value for earlier in rates[: step - 1])
    assert 0 <= traces.gap(rates) <= 1
    score, onset = traces.phase_transition_score(rates), traces.collapse_onset_step(rates)
    assert (score is None) == (traces.gap(rates) == 0)
    if score is not None:
        assert score >= 1 / (len(rates) - step) - 1e-12  # the largest of k drops is at least their mean
    if traces.is_collapse(rates):
        assert onset is not None
    if onset is not None:
        assert step < onset <= len(rates)
        assert traces.post_onset_latency(rates) == len(rates) - onset


@settings(deadline=None)
@given(rate_lists, st.sampled_from(["completed", "non_finite_loss", "non_finite_gradient"]))
def test_synthetic_traces_hold_the_contract(rates: list[float], status: str) -> None:
    validate(make_trace(rates, status=status, probe=[(0, 0.5)]), "trace", source="test")


def test_the_trace_holds_a_whole_plan() -> None:
    plan, inside = read_schema("plan"), read_schema("trace")["properties"]["plan"]
    for key in ("$schema", "title"):
        del plan[key]
    assert inside == plan


@pytest.mark.parametrize("name", ["plan", "state", "trace", "statistics"])
def test_no_schema_is_open(name: str) -> None:
    def check(node) -> None:
        if isinstance(node, list):
            for part in node:
                check(part)
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert "additionalProperties" in node, node
                assert node["additionalProperties"] is not True
            for part in node.values():
                check(part)

    check(read_schema(name))


def test_an_unknown_metric_is_refused_by_name() -> None:
    trace = make_trace([0.5])
    trace["steps"][0]["pass_rate"] = 0.5
    with pytest.raises(UserError, match=r"trace\.json: steps\.0: .*'pass_rate' was unexpected"):
        validate(trace, "trace", source="trace.json")
