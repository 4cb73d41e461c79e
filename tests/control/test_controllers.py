"""Properties that every controller must have, whatever it is shown."""

import copy
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import CHAIN, make_trace
from workflow_scripts.control import a0_naive, a3_care, first_campaign
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

SETTINGS = {
    "chain": CHAIN,
    "controller": "A3",
    "seed": 7,
    "steps": 20,
    "learning_rate": 0.0015,
    "kl_coefficient": 0.0,
    "pilot_steps": 10,
    "initial_threshold": 0.5,
    "threshold_bounds": [0.3, 0.7],
    "threshold_step": 0.05,
    "severe_collapse_ratio": 0.1,
    "prediction_error": 0.2,
}

rates = st.one_of(st.integers(0, 64).map(lambda passed: passed / 64), st.none(), st.just(math.nan))
statuses = st.sampled_from(["completed", "completed", "completed", "non_finite_loss", "non_finite_gradient"])
actions = st.sampled_from(["reuse", "pilot", "reject"])


@st.composite
def histories(draw) -> list[dict]:
    """Up to 9 campaigns of any shape: empty, failed, with nulls and NaN, flat at 0."""
    return [
        make_trace(
            draw(st.lists(rates, max_size=6)),
            campaign,
            action="start" if campaign == 1 else draw(actions),
            status=draw(statuses),
        )
        for campaign in range(1, draw(st.integers(0, 9)) + 1)
    ]


def replay(module, history: list[dict]) -> tuple[dict, dict]:
    """Plan and state as the workflow makes them: one decision per campaign, the state carried along as JSON."""
    state = None
    for seen in range(len(history) + 1):
        plan, state = module.decide(history[:seen], state, SETTINGS)
        state = json.loads(json.dumps(state, allow_nan=False))
    return plan, state


@pytest.mark.parametrize("module", [a0_naive, a3_care])
@settings(deadline=None)
@given(history=histories())
def test_every_plan_holds_the_contract(module, history: list[dict]) -> None:
    before = copy.deepcopy(history)
    plan, state = replay(module, history)
    assert str(history) == str(before)  # nothing is written into a trace; by text, since NaN differs from itself
    validate(plan, "plan", source="plan")
    validate(state, "state", source="state")
    assert 1 <= plan["max_steps"] <= SETTINGS["steps"]
    assert plan["learning_rate"] == SETTINGS["learning_rate"]
    assert plan["kl_coefficient"] == SETTINGS["kl_coefficient"]
    assert plan["campaign"] == state["campaign"] == len(history) + 1
    assert plan["init"]["campaign"] in (0, len(history))  # the workflow offers no other checkpoint
    assert 0.3 <= state.get("threshold", 0.3) <= 0.7


@pytest.mark.parametrize("module", [a0_naive, a3_care])
@settings(deadline=None)
@given(history=histories())
def test_decisions_are_deterministic_and_a_lost_state_is_replayed(module, history: list[dict]) -> None:
    assert replay(module, history) == replay(module, history) == module.decide(history, None, SETTINGS)


@pytest.mark.parametrize("module", [a0_naive, a3_care, first_campaign])
def test_without_history_every_controller_starts_alike(module) -> None:
    plan, _ = module.decide([], None, SETTINGS)
    assert (plan["action"], plan["campaign"], plan["max_steps"]) == ("start", 1, 20)
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}


@pytest.mark.parametrize("module", [a0_naive, a3_care])
def test_a_campaign_that_measured_nothing_sends_the_chain_back_to_the_base(module) -> None:
    history = [make_trace([0.5, 0.6]), make_trace([None], 2, status="non_finite_loss")]
    plan, _ = module.decide(history, None, SETTINGS)
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}


def test_the_first_campaign_has_no_history() -> None:
    with pytest.raises(UserError, match="plans campaign 1 only"):
        first_campaign.decide([make_trace([0.5])], None, SETTINGS)


def test_naive_chaining_goes_on_from_the_end() -> None:
    plan, state = a0_naive.decide([make_trace([0.5, 0.0]), make_trace([0.1, 0.2], 2)], None, SETTINGS)
    assert (plan["action"], plan["max_steps"]) == ("continue", 20)
    assert plan["init"] == {"campaign": 2, "checkpoint": "end"}
    assert state["memory"] == []
