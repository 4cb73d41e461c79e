"""A5 as a whole: the contract on any history, and one chain by hand."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.simulated_chains import NAMES, SETTINGS
from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import rates, statuses
from workflow_scripts.control.capabilities import SPLITS_OF
from workflow_scripts.control.controllers import a5_care_full
from workflow_scripts.control.registry import load_controller
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

values = st.one_of(st.none(), st.integers(0, 100).map(lambda correct: correct / 100))
outcomes = st.tuples(
    st.lists(rates, max_size=4),
    statuses,
    st.one_of(st.just(dict.fromkeys(NAMES)), st.fixed_dictionaries(dict.fromkeys(NAMES, values))),
)


def run_chain(answers: list[tuple]) -> tuple[dict, dict, list[dict]]:
    """One chain as the workflow makes it: each plan is answered, the state carried along as JSON."""
    history: list[dict] = []
    plan, state = a5_care_full.decide(history, None, SETTINGS)
    for campaign, (measured, status, capabilities) in enumerate(answers, start=1):
        trace = make_trace(measured, campaign, controller="A5", status=status)
        history.append({**trace, "plan": plan, "capabilities": capabilities})
        plan, state = a5_care_full.decide(history, state, SETTINGS)
        state = json.loads(json.dumps(state, allow_nan=False))
    return plan, state, history


@settings(deadline=None, max_examples=60)
@given(answers=st.lists(outcomes, max_size=9))
def test_the_contract(answers: list[tuple]) -> None:
    plan, state, history = run_chain(answers)
    before = copy.deepcopy(history)
    assert a5_care_full.decide(history, None, SETTINGS) == (plan, state)  # a lost state is replayed
    assert str(history) == str(before)  # by text, since NaN differs from itself
    validate(plan, "plan", source="plan")
    validate(state, "state", source="state")
    assert 10 <= plan["max_steps"] <= SETTINGS.steps
    assert plan["campaign"] == state["campaign"] == len(history) + 1
    assert plan["init"]["campaign"] in (0, len(history))
    assert plan["learning_rate"] / SETTINGS.learning_rate in SETTINGS.learning_rate_factors
    assert plan["kl_coefficient"] in SETTINGS.kl_increments
    alphas = [entry["alpha"] for entry in state["care"]["entries"]]
    assert alphas == sorted(alphas, reverse=True)
    assert len(alphas) == len(state["memory"]) == len(history)
    if plan["action"] in ("reuse", "adapt"):
        assert plan["reason"]["numbers"]["worst_regression_probability"] <= state["care"]["alpha"]


def test_one_chain_by_hand() -> None:
    """Steady small gains: pilots until the base strategy is trusted, then reuse; a hidden regression ends that."""
    gain = {"pass@1": 0.06, "hard_case_acc": 0.01, "cpp_acc": 0.0, "ood_acc": 0.0}
    steady = [([0.5, 0.5], "completed", {name: 0.5 + gain[name] * n for name in NAMES}) for n in range(1, 7)]
    plan, state, _ = run_chain(steady[:1])
    # One observation, confidence 1 - |delta|^2 / (|delta|^2 + 0.01) = 1 - 0.0037 / 0.0137; untried before.
    assert state["care"]["entries"][0]["confidence"] == pytest.approx(1 - 0.0037 / 0.0137)
    plan, state, _ = run_chain(steady)
    assert (plan["action"], plan["max_steps"], plan["learning_rate"]) == ("reuse", 20, SETTINGS.learning_rate)
    assert plan["reason"]["numbers"]["expected_gain/pass@1"] == pytest.approx(0.06, abs=0.01)

    broken = {"pass@1": 0.92, "hard_case_acc": 0.56, "cpp_acc": 0.1, "ood_acc": 0.5}
    plan, state, _ = run_chain([*steady, ([0.5, 0.5], "completed", broken)])
    last = state["care"]["entries"][-1]
    assert last["triggered"]
    assert last["regressed"] == ["cpp_acc"]
    assert state["care"]["alpha"] < SETTINGS.initial_alpha
    assert plan["action"] != "reuse"
    assert plan["init"] == {"campaign": 7, "checkpoint": "peak"}


def test_the_numbers_of_every_capability_are_told() -> None:
    plan, _, _ = run_chain([([0.5, 0.5], "completed", dict.fromkeys(NAMES, 0.5))])
    numbers = plan["reason"]["numbers"]
    for name in NAMES:
        assert {f"expected_gain/{name}", f"deviation/{name}", f"regression_probability/{name}"} <= numbers.keys()
    worst = max(numbers[f"regression_probability/{name}"] for name in SETTINGS.protected)
    assert numbers["worst_regression_probability"] == worst


def test_a_campaign_that_left_nothing_to_evaluate_goes_back_to_the_base() -> None:
    plan, state, _ = run_chain([([None], "non_finite_loss", dict.fromkeys(NAMES))])
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}
    assert state["care"]["entries"][0]["regressed"] == list(SETTINGS.protected)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"capabilities": ["pass@1", "cpp"]}, "capabilities: 'cpp' is not measured"),
        ({"capabilities": ["cpp_acc"], "protected": ["cpp_acc"]}, "must hold 'pass@1'"),
        ({"protected": ["pass@1"]}, "protected: 'pass@1' must be one of the capabilities"),
        ({"protected": ["gen_gap"]}, "protected: 'gen_gap' must be one of the capabilities"),
        ({"protected": []}, "protected: is empty"),
    ],
)
def test_settings_that_cannot_be_are_named(changed: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        a5_care_full.decide([], None, replace(SETTINGS, **changed))


def test_missing_inputs_are_named() -> None:
    trace = make_trace([0.5, 0.5], controller="A5")
    with pytest.raises(UserError, match="campaign 1 of 7B-reinforce-py-20: capabilities: is missing"):
        a5_care_full.decide([trace], None, SETTINGS)
    unknown_base = replace(SETTINGS, base_capabilities=None)
    with pytest.raises(UserError, match="base_capabilities: is missing"):
        a5_care_full.decide([{**trace, "capabilities": {}}], None, unknown_base)


def test_the_registry_knows_what_it_needs() -> None:
    controller = load_controller("a5_care_full")
    assert controller.needs == ("capabilities",)
    assert controller.settings is type(SETTINGS)
    needed = {split for name in SETTINGS.capabilities for split in SPLITS_OF[name]}
    assert needed == set(a5_care_full.SPLITS)
