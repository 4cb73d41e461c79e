"""The project's own controls differ from naive chaining in one thing each."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import histories, settings_of
from workflow_scripts.control.controllers import (
    a0_naive,
    null_no_learning,
    random_checkpoint,
    short_campaigns,
    yoked_dose,
)
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.lineage import lineage, offered


@settings(deadline=None, max_examples=60)
@given(history=histories().filter(bool))
def test_null_learns_nothing_and_short_is_short(history: list[dict]) -> None:
    naive, _ = a0_naive.decide(history, None, settings_of(a0_naive))
    null, _ = null_no_learning.decide(history, None, settings_of(null_no_learning))
    assert null["learning_rate"] == 0.0
    assert {**null, "learning_rate": naive["learning_rate"], "reason": naive["reason"]} == naive
    short, _ = short_campaigns.decide(history, None, settings_of(short_campaigns))
    assert short["max_steps"] == 8
    assert {**short, "max_steps": naive["max_steps"], "reason": naive["reason"]} == naive


def test_short_is_never_longer_than_the_budget() -> None:
    history = [{"steps": [], "identity": {"campaign": 1}}]
    plan, _ = short_campaigns.decide(history, None, settings_of(short_campaigns, steps=5))
    assert plan["max_steps"] == 5


@settings(deadline=None, max_examples=60)
@given(history=histories().filter(bool))
def test_rand_is_naive_but_for_the_checkpoint(history: list[dict]) -> None:
    naive, _ = a0_naive.decide(history, None, settings_of(a0_naive))
    drawn, _ = random_checkpoint.decide(history, None, settings_of(random_checkpoint))
    assert {**drawn, "init": naive["init"], "reason": naive["reason"]} == naive
    assert drawn["init"]["campaign"] == naive["init"]["campaign"]


def test_rand_draws_both_alike_often_and_the_same_again() -> None:
    history = [make_trace([0.2, 0.6, 0.4])]
    drawn = [
        random_checkpoint.decide(history, None, settings_of(random_checkpoint, seed=seed))[0]["init"]["checkpoint"]
        for seed in range(200)
    ]
    assert 70 <= drawn.count("peak") <= 130
    assert set(drawn) == {"peak", "end"}
    assert random_checkpoint.decide(history, None, settings_of(random_checkpoint, seed=3))[0]["init"] == {
        "campaign": 1,
        "checkpoint": drawn[3],
    }


@st.composite
def companions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Ten campaigns of up to 20 steps that went on from peak or end."""
    lengths = draw(st.lists(st.integers(1, 20), min_size=9, max_size=9))
    return [
        campaign(number, draw(st.lists(st.floats(0, 1), min_size=steps, max_size=steps)), draw(st.booleans()))
        for number, steps in enumerate([20, *lengths], start=1)
    ]


def campaign(number: int, rates: list[float], from_peak: bool = False) -> dict[str, Any]:
    trace = make_trace(rates, number)
    checkpoint = ("peak" if from_peak else "end") if number > 1 else "base"
    trace["plan"]["init"] = {"campaign": number - 1, "checkpoint": checkpoint}
    return trace


def yoked_plan(history: list[dict[str, Any]], companion: list[dict[str, Any]]) -> dict[str, Any]:
    told = settings_of(yoked_dose, companion="A3", companion_seed="other", companion_chain=tuple(companion))
    return yoked_dose.decide(history, None, told)[0]


@settings(deadline=None, max_examples=60)
@given(companion=companions())
def test_a_yoked_chain_has_the_companions_updates_where_steps_can_give_them(companion: list[dict[str, Any]]) -> None:
    chain = [campaign(1, [0.5] * 20)]
    for number in range(2, 11):
        plan = yoked_plan(chain, companion[: number + 1])
        naive, _ = a0_naive.decide(chain, None, settings_of(a0_naive))
        assert {**plan, "max_steps": naive["max_steps"], "reason": naive["reason"]} == naive
        assert 1 <= plan["max_steps"] <= 20
        own = offered(chain)["end"].updates
        chain.append(campaign(number, [0.5] * plan["max_steps"]))
        if number < 10 and 1 <= lineage(companion[: number + 1]).updates - own <= 20:
            assert offered(chain)["end"].updates == lineage(companion[: number + 1]).updates
    assert len(chain[-1]["steps"]) == len(companion[-1]["steps"])


def test_a_yoked_chain_makes_up_for_a_first_campaign_that_it_could_not_cut() -> None:
    """The companion peaked at step 4 of its first 20 and went on from there, by 10 steps to its end."""
    companion = [
        campaign(1, [0.1, 0.2, 0.3, 0.9, *[0.2] * 16]),
        campaign(2, [0.5] * 10, from_peak=True),
        campaign(3, [0.5] * 20),
    ]
    plan = yoked_plan([campaign(1, [0.5] * 20)], companion)
    assert lineage(companion).updates == 3 + 10
    assert (plan["max_steps"], plan["reason"]["numbers"]["own_updates"]) == (1, 20)


def test_too_short_a_companion_is_one_line() -> None:
    with pytest.raises(UserError, match="--companion: campaign 2 needs 2 or more traces, got 1"):
        yoked_plan([campaign(1, [0.5])], [campaign(1, [0.5])])
