"""Entries, contexts and confidence by hand; belief revision as one campaign sets it off."""

import math
from dataclasses import replace

import pytest

from tests.control.simulated_chains import NAMES, SETTINGS
from tests.control.synthetic_traces import make_trace
from workflow_scripts.control.care_full.care_memory import (
    confidence,
    context_of,
    predict_effects,
    take_in,
    worst_regression_probability,
)

PEAK = {"campaign": 1, "checkpoint": "peak"}
BASE = {"campaign": 0, "checkpoint": "base"}


def campaign(number: int, values: list[float | None], rates: tuple[float | None, ...] = (0.5, 0.5), **more) -> dict:
    """A campaign of the base strategy that left these capabilities at its peak."""
    return {
        **make_trace(list(rates), number, controller="A5", **more),
        "capabilities": dict(zip(NAMES, values, strict=True)),
    }


def test_the_context_is_the_target_and_the_last_ratio() -> None:
    first = campaign(1, [0.6, 0.5, 0.5, 0.5], rates=(0.5, 0.2))
    assert context_of(BASE, [], SETTINGS) == [0.5, 1.0]
    assert context_of(PEAK, [first], SETTINGS) == [0.6, pytest.approx(0.4)]
    assert context_of(BASE, [campaign(1, [None] * 4, (None,), status="non_finite_loss")], SETTINGS) == [0.5, 0.0]
    assert context_of(PEAK, [campaign(1, [None, 0.5, 0.5, 0.5])], SETTINGS) is None
    assert context_of({"campaign": 1, "checkpoint": "end"}, [first], SETTINGS) is None  # the peak was evaluated
    assert context_of(PEAK, [campaign(1, [0.6, 0.5, 0.5, 0.5], rates=(0.0, 0.0))], SETTINGS) == [0.6, 1.0]


def test_the_delta_is_taken_from_the_checkpoint_that_the_campaign_started_from() -> None:
    history = [campaign(1, [0.6, 0.4, 0.5, None]), campaign(2, [0.7, 0.3, None, 0.5])]
    first, second = take_in([], history, SETTINGS)
    assert list(first["delta"].values()) == [pytest.approx(0.1), pytest.approx(-0.1), 0.0, None]
    assert list(second["delta"].values()) == [pytest.approx(0.1), pytest.approx(-0.1), None, None]
    assert second["context"] == [0.6, 1.0]


def test_a_campaign_that_failed_without_a_checkpoint_lost_everything() -> None:
    entry = take_in([], [campaign(1, [None] * 4, (None,), status="non_finite_loss")], SETTINGS)[0]
    assert list(entry["delta"].values()) == [-0.5] * 4
    assert entry["regressed"] == list(NAMES[1:])


def test_a_gap_that_grows_is_a_loss() -> None:
    base = {**SETTINGS.base_capabilities, "gen_gap": 0.1}
    settings = replace(SETTINGS, capabilities=(*NAMES, "gen_gap"), base_capabilities=base)
    trace = campaign(1, [0.5] * 4)
    trace["capabilities"]["gen_gap"] = 0.3
    assert take_in([], [trace], settings)[0]["delta"]["gen_gap"] == pytest.approx(-0.2)


def test_confidence_by_hand() -> None:
    right = {"delta": {"a": 0.3, "b": 0.4}, "predicted": {"a": 0.3, "b": 0.4}}
    nothing_foreseen = {"delta": {"a": 0.3, "b": 0.4}, "predicted": {"a": 0.0, "b": 0.0}}
    unknown = {"delta": {"a": None, "b": 0.4}, "predicted": {"a": 0.1, "b": None}}
    opposite = {"delta": {"a": 0.3, "b": None}, "predicted": {"a": -0.3, "b": 0.1}}
    assert confidence([], 0.25) == 0.0
    assert confidence([right], 0.25) == 1.0
    # |error|^2 = |delta|^2 = 0.25: 1 - 0.25 / (0.25 + 0.25)
    assert confidence([nothing_foreseen], 0.25) == pytest.approx(0.5)
    assert confidence([right, nothing_foreseen, unknown], 0.25) == pytest.approx(0.75)
    assert confidence([opposite], 0.01) == 0.0  # 1 - 0.36 / 0.1 is below 0


def test_the_worst_protected_capability_counts() -> None:
    history = [campaign(1, [0.2, 0.5, 0.3, 0.5])]  # the target fell as well, but it is not protected
    prediction = predict_effects(take_in([], history, SETTINGS), [0.5, 1.0], SETTINGS)
    mean, deviation = prediction["cpp_acc"]
    # phi = (1, 0.5, 1), |phi|^2 = 2.25: signal variance 0.0225 against noise 0.0025, so 0.9 of the -0.2 is believed.
    assert mean == pytest.approx(-0.18)
    assert deviation == pytest.approx(math.sqrt(0.1 * 0.0225 + 0.0025))
    expected = 0.5 * (1 + math.erf((-0.1 + 0.18) / deviation / math.sqrt(2)))
    assert worst_regression_probability(prediction, SETTINGS) == pytest.approx(expected)


def test_a_surprise_revises_all_three() -> None:
    """Three safe campaigns, then the fourth breaks C++ further along: cone, inflated noise and a tighter alpha."""
    steady = [campaign(number, [0.5 + 0.05 * number, 0.5, 0.5, 0.5]) for number in (1, 2, 3)]
    entries = take_in([], [*steady, campaign(4, [0.7, 0.5, 0.1, 0.5])], SETTINGS)
    *before, last = entries
    assert not any(entry["triggered"] or entry["boundary"] for entry in before)
    assert last["risk"] <= 0.1  # it was predicted to be safe
    assert last["triggered"]
    assert last["regressed"] == ["cpp_acc"]
    assert last["boundary"] == [{"apex": before[2]["context"], "towards": last["context"]}]
    assert last["alpha"] == pytest.approx(0.1 * math.exp(-0.2))
    errors = [last["delta"][name] - last["predicted"][name] for name in NAMES]
    assert last["noise_variance"] == pytest.approx(0.05**2 + sum(error**2 for error in errors) / 4)
    assert last["confidence"] < before[2]["confidence"]


def test_a_boundary_stays() -> None:
    steady = [campaign(number, [0.5 + 0.05 * number, 0.5, 0.5, 0.5]) for number in (1, 2, 3)]
    later = [campaign(4, [0.7, 0.5, 0.1, 0.5]), campaign(5, [0.7, 0.5, 0.1, 0.5])]
    entries = take_in([], [*steady, *later], SETTINGS)
    assert len(entries[3]["boundary"]) == 1
    assert entries[4]["boundary"] == entries[3]["boundary"]


def test_a_regression_that_was_foreseen_draws_no_boundary() -> None:
    """After a loss of 0.08, not yet a regression, the next one is likely: a surprise in size, not in kind."""
    history = [campaign(1, [0.6, 0.5, 0.42, 0.5]), campaign(2, [0.7, 0.5, 0.0, 0.5])]
    first, second = take_in([], history, SETTINGS)
    assert first["regressed"] == []
    assert second["risk"] > SETTINGS.initial_alpha
    assert second["triggered"]
    assert second["regressed"] == ["cpp_acc"]
    assert second["boundary"] == []


def test_a_cone_does_not_start_where_a_capability_regressed() -> None:
    """The nearest context is one of a regression, long outweighed: it is no safe one."""
    steady = [campaign(number, [0.7, 0.5, 0.5, 0.5]) for number in (1, 2, 3, 4)]
    *safe, old = take_in([], steady, SETTINGS)
    old = {**old, "context": [0.61, 1.0], "regressed": ["cpp_acc"], "noise_variance": 100.0}
    history = [*steady[:3], campaign(4, [0.62, 0.5, 0.5, 0.5]), campaign(5, [0.6, 0.5, 0.0, 0.5])]
    last = take_in([*safe, old], history, SETTINGS)[-1]
    assert last["boundary"] == [{"apex": [0.7, 1.0], "towards": [0.62, 1.0]}]


def test_a_surprise_for_the_better_tightens_nothing() -> None:
    entries = take_in([], [campaign(1, [0.5, 0.5, 0.5, 0.5]), campaign(2, [1.0, 0.9, 0.9, 0.9])], SETTINGS)
    assert entries[1]["triggered"]
    assert entries[1]["alpha"] == SETTINGS.initial_alpha
    assert entries[1]["noise_variance"] > entries[0]["noise_variance"]
    assert entries[1]["boundary"] == []


def test_what_is_known_stays_as_it_is() -> None:
    history = [campaign(1, [0.6, 0.4, 0.5, 0.5]), campaign(2, [0.7, 0.3, 0.5, 0.5])]
    first = take_in([], history[:1], SETTINGS)
    assert take_in(first, history, SETTINGS) == take_in([], history, SETTINGS)
    assert len(first) == 1
