"""Properties that every controller must have, whatever it is shown.

Controllers that need more than traces (``NEEDS``) have tests of their own.
"""

import copy
import json
import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import CHAIN, make_trace
from workflow_scripts.control.controllers import a0_naive, first_campaign
from workflow_scripts.control.kl_schedules import coefficient
from workflow_scripts.control.registry import Controller, controller_names, load_controller
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

SETTINGS = {
    "chain": CHAIN,
    "controller": "A3",
    "seed": 7,
    "steps": 20,
    "learning_rate": 0.0015,
    "kl_schedule": (0.01, 0.02, 0.03),
    "pilot_steps": 10,
    "threshold": 0.5,
    "initial_threshold": 0.5,
    "threshold_bounds": (0.3, 0.7),
    "threshold_step": 0.05,
    "severe_collapse_ratio": 0.1,
    "prediction_error": 0.2,
    "collapse_factor": 0.5,
    "revision_factor": 0.7,
    "es_margin": 3,
    "es_bounds": (8, 20),
    "short_steps": 8,
    "learning_rate_factors": (0.5, 1.0, 2.0),
    "kl_coefficients": (0.0, 0.01, 0.05),
    "checkpoint": "end",
    "pareto_probability": 0.5,
}


def settings_of(controller: Any, /, **changes: Any) -> Any:
    """What a controller, or the module of one, is told: what it reads of ``SETTINGS`` with these changes."""
    told = {**SETTINGS, **changes}
    kind = controller.settings if isinstance(controller, Controller) else controller.Settings
    return kind(**{one.name: told[one.name] for one in fields(kind) if one.name in told})


CONTROLLERS = [
    controller for controller in map(load_controller, controller_names())
    if not controller.needs and controller.module != "first_campaign"
]  # fmt: skip
FIXED_RATE = {
    "a0_naive", "a1_memory_only", "a2_gate", "a3_care", "es_early_stop", "b1_best_checkpoint", "short_campaigns",
}  # fmt: skip
SEARCHERS = {"b2_random_search", "m1_random_pareto"}

every_controller = pytest.mark.parametrize("controller", CONTROLLERS, ids=lambda controller: controller.module)

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


def replay(controller: Controller, history: list[dict]) -> tuple[dict, dict]:
    """Plan and state as the workflow makes them: one decision per campaign, the state carried along as JSON."""
    state = None
    for seen in range(len(history) + 1):
        plan, state = controller.decide(history[:seen], state, settings_of(controller))
        state = json.loads(json.dumps(state, allow_nan=False))
    return plan, state


def test_the_registry_holds_the_paper() -> None:
    wave_1 = {"a2v1_gate", "a3v1_care"}
    own = {"null_no_learning", "short_campaigns"}
    assert {controller.module for controller in CONTROLLERS} >= FIXED_RATE | SEARCHERS | wave_1 | own


@every_controller
@settings(deadline=None, max_examples=60)
@given(history=histories())
def test_every_plan_holds_the_contract(controller: Controller, history: list[dict]) -> None:
    before = copy.deepcopy(history)
    plan, state = replay(controller, history)
    assert str(history) == str(before)  # nothing is written into a trace; by text, since NaN differs from itself
    validate(plan, "plan", source="plan")
    validate(state, "state", source="state")
    assert 1 <= plan["max_steps"] <= SETTINGS["steps"]
    assert plan["campaign"] == state["campaign"] == len(history) + 1
    assert plan["init"]["campaign"] in (0, len(history))  # the workflow offers no other checkpoint
    assert 0.3 <= state.get("threshold", 0.3) <= 0.7
    if controller.module in FIXED_RATE:
        assert plan["learning_rate"] == SETTINGS["learning_rate"]
    if controller.module not in SEARCHERS:
        assert plan["kl_coefficient"] == coefficient(SETTINGS["kl_schedule"], plan["campaign"])


@every_controller
@settings(deadline=None, max_examples=60)
@given(history=histories())
def test_decisions_are_deterministic_and_a_lost_state_is_replayed(controller: Controller, history: list[dict]) -> None:
    assert (
        replay(controller, history)
        == replay(controller, history)
        == controller.decide(history, None, settings_of(controller))
    )


@pytest.mark.parametrize("controller", [*CONTROLLERS, first_campaign])
def test_without_history_every_controller_starts_alike(controller: Any) -> None:
    plan, state = controller.decide([], None, settings_of(controller))
    assert plan == first_campaign.decide([], None, settings_of(first_campaign))[0]
    assert (plan["action"], plan["campaign"], plan["max_steps"]) == ("start", 1, 20)
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}
    assert (plan["learning_rate"], plan["kl_coefficient"]) == (0.0015, 0.01)
    assert state["memory"] == []


@every_controller
def test_a_campaign_that_measured_nothing_sends_the_chain_back_to_the_base(controller: Controller) -> None:
    history = [make_trace([0.5, 0.6]), make_trace([None], 2, status="non_finite_loss")]
    plan, _ = controller.decide(history, None, settings_of(controller))
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}
    assert "its peak checkpoint" not in plan["reason"]["text"]
    assert "its end checkpoint" not in plan["reason"]["text"]


@every_controller
@pytest.mark.parametrize("rates", [[], [None], [math.nan, 0.5], [0.0, 0.0]])
def test_a_chain_without_any_success_goes_on(controller: Controller, rates: list[float | None]) -> None:
    history = [make_trace(rates, campaign) for campaign in range(1, 10)]
    plan, state = replay(controller, history)
    validate(plan, "plan", source="plan")
    validate(state, "state", source="state")


def test_the_first_campaign_has_no_history() -> None:
    with pytest.raises(UserError, match="plans campaign 1 only"):
        first_campaign.decide([make_trace([0.5])], None, settings_of(first_campaign))


def test_naive_chaining_goes_on_from_the_end() -> None:
    plan, state = a0_naive.decide([make_trace([0.5, 0.0]), make_trace([0.1, 0.2], 2)], None, settings_of(a0_naive))
    assert (plan["action"], plan["max_steps"]) == ("continue", 20)
    assert plan["init"] == {"campaign": 2, "checkpoint": "end"}
    assert state["memory"] == []
