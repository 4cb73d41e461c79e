"""B3: what the model is told, and what becomes of its proposal."""

import copy
import json
import math
from dataclasses import replace

import pytest

from tests.control.synthetic_traces import CHAIN, make_trace
from workflow_scripts.control.chat_endpoint import Answer, Patience, parse_answer
from workflow_scripts.control.controllers import b3_llm_hpo
from workflow_scripts.core.schemas import validate

SETTINGS = b3_llm_hpo.Settings(
    chain=CHAIN,
    controller="B3",
    seed=7,
    steps=20,
    learning_rate=0.002,
    kl_schedule=(0.0,),
    learning_rate_factor_bounds=(0.5, 2.0),
    kl_coefficient_bounds=(0.0, 0.05),
    checkpoint="end",
    max_tokens=1024,
    timeout_seconds=60.0,
    retries=4,
    backoff_seconds=2.0,
)
HISTORY = [make_trace([0.2, 0.5, 0.4], controller="B3"), make_trace([0.5, 0.25], 2, controller="B3", action="adapt")]


def decide(history: list[dict], lr: float, kl: float, rationale: str = "It fell.") -> tuple[dict, dict]:
    content = json.dumps({"learning_rate": lr, "kl_coefficient": kl, "rationale": rationale})
    proposal = Answer(parse_answer(content, b3_llm_hpo.ANSWER_SCHEMA), "some-model")
    plan, state = b3_llm_hpo.decide(history, None, replace(SETTINGS, answer=proposal))
    validate(plan, "plan", "plan")
    validate(state, "state", "state")
    json.dumps([plan, state], allow_nan=False)
    return plan, state


def test_the_model_is_told_the_scalar_history_alone() -> None:
    before = copy.deepcopy(HISTORY)
    question = b3_llm_hpo.request(HISTORY, None, SETTINGS)
    assert before == HISTORY
    assert question is not None
    told = [json.loads(line) for line in question.text.splitlines() if line.startswith("{")]
    assert told == [
        {"campaign": 1, "learning_rate": 0.0015, "kl_coefficient": 0.0, "pass@1": 0.4},
        {"campaign": 2, "learning_rate": 0.0015, "kl_coefficient": 0.0, "pass@1": 0.25},
    ]
    assert "campaign 3, so that" in question.text
    assert "between 0.001 and 0.004, the KL coefficient between 0.0 and 0.05" in question.text
    assert (question.asker, question.max_tokens) == ("controller B3", 1024)
    assert question.patience == Patience(60.0, 4, 2.0)
    assert question == b3_llm_hpo.request(copy.deepcopy(HISTORY), None, SETTINGS)


@pytest.mark.parametrize(
    "failed",
    [
        make_trace([0.5, 0.6], 2, status="non_finite_loss"),
        make_trace([0.5, None], 2),
        make_trace([0.5, math.nan], 2, status="non_finite_gradient"),
        make_trace([], 2, status="non_finite_loss"),
    ],
)
def test_a_campaign_that_failed_is_told_as_null(failed: dict) -> None:
    history = [HISTORY[0], failed]
    question = b3_llm_hpo.request(history, None, SETTINGS)
    assert question is not None
    assert '"campaign": 2, "learning_rate": 0.0015, "kl_coefficient": 0.0, "pass@1": null' in question.text
    plan, _ = decide(history, 0.001, 0.0)
    assert plan["reason"]["numbers"]["last_pass@1"] is None
    expected = {"campaign": 2, "checkpoint": "end"} if failed["steps"] else {"campaign": 0, "checkpoint": "base"}
    assert plan["init"] == expected


def test_a_proposal_within_the_bounds_is_taken() -> None:
    plan, state = decide(HISTORY, 0.003, 0.02)
    assert (plan["learning_rate"], plan["kl_coefficient"]) == (0.003, 0.02)
    assert (plan["campaign"], plan["action"], plan["max_steps"]) == (3, "adapt", 20)
    assert plan["init"] == {"campaign": 2, "checkpoint": "end"}
    assert plan["reason"]["text"] == "some-model proposed learning rate 0.003 and KL coefficient 0.02: It fell."
    assert plan["reason"]["numbers"]["clamped"] == 0
    assert (state["campaign"], state["memory"]) == (3, [])


@pytest.mark.parametrize(
    ("proposed", "taken"),
    [
        ((1.0, 0.02), (0.004, 0.02)),
        ((0.0, 0.02), (0.001, 0.02)),
        ((-3, -1), (0.001, 0.0)),
        ((0.002, 5), (0.002, 0.05)),
        ((1e300, 1e300), (0.004, 0.05)),
    ],
)
def test_a_proposal_beyond_the_bounds_is_clamped_and_says_so(
    proposed: tuple[float, float], taken: tuple[float, float]
) -> None:
    plan, _ = decide(HISTORY, *proposed)
    assert (plan["learning_rate"], plan["kl_coefficient"]) == taken
    numbers = plan["reason"]["numbers"]
    assert (numbers["proposed_learning_rate"], numbers["proposed_kl_coefficient"]) == proposed
    assert (numbers["lowest_learning_rate"], numbers["highest_kl_coefficient"]) == (0.001, 0.05)
    assert numbers["clamped"] == 1
    assert f"clamped to {taken[0]:g} and {taken[1]:g}" in plan["reason"]["text"]


def test_a_long_rationale_is_cut_to_one_line() -> None:
    text = decide(HISTORY, 0.002, 0.0, "Because\nof " + "that " * 1000)[0]["reason"]["text"]
    assert "Because of that" in text
    assert len(text) < 320


def test_nothing_is_asked_about_the_shared_first_campaign() -> None:
    assert b3_llm_hpo.request([], None, SETTINGS) is None
    plan, _ = b3_llm_hpo.decide([], None, SETTINGS)
    assert (plan["action"], plan["campaign"], plan["learning_rate"]) == ("start", 1, 0.002)
    assert plan["init"] == {"campaign": 0, "checkpoint": "base"}


def test_it_asks_an_endpoint() -> None:
    assert b3_llm_hpo.NEEDS == ("chat_endpoint",)
