"""The project's own controls differ from naive chaining in one thing each."""

from hypothesis import given, settings

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import histories, settings_of
from workflow_scripts.control.controllers import a0_naive, null_no_learning, random_checkpoint, short_campaigns


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
