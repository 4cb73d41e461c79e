"""A campaign is a function of its plan, settings, weights and problems; what is not finite ends it, unrecorded."""

import itertools
import math
from typing import Any

import pytest
import torch

from tests.makers.campaigns import SETTINGS
from tests.makers.settings import changed
from tests.models.tiny_models import make_model, make_tokenizer, plain_prompts
from tests.training.synthetic_rollouts import RuleGrader, make_problem
from workflow_scripts.core.files import dump_json
from workflow_scripts.training.campaign import MEASURED, Outcome, Problems, learning_rate_at, run_campaign, unmeasured
from workflow_scripts.training.policies import sampler_for
from workflow_scripts.training.update import learner
from workflow_scripts.training.update.learner import LocalLearner

torch.set_num_threads(1)

TOKENIZER = make_tokenizer()
PROMPTS = plain_prompts(TOKENIZER)
WITHOUT_PROBE = changed(SETTINGS, probe_steps=[])
PROBLEMS = Problems([make_problem(n) for n in range(6)], [make_problem(n) for n in range(10, 13)], "probe")


def make_plan(**changes: Any) -> dict[str, Any]:
    plan = {"chain": "7B-reinforce-py-20", "controller": "A3", "seed": 7, "campaign": 2}
    return plan | {"max_steps": 5, "learning_rate": 0.02, "kl_coefficient": 0.0} | changes


def make_policy() -> torch.nn.Module:
    return make_model(seed=3, vocabulary=TOKENIZER.get_vocab_size())


def run(
    model=None,
    settings=SETTINGS,
    grader=None,
    report=lambda _: None,
    keep=lambda _: None,
    resumed=None,
    sampler=None,
    **changes: Any,
) -> Outcome:
    model, grader, plan = model or make_policy(), grader or RuleGrader(), make_plan(**changes)
    trained, sampler = LocalLearner(model, settings), sampler or sampler_for(model)
    return run_campaign(plan, settings, trained, sampler, PROMPTS, PROBLEMS, grader, report, keep, resumed)


def copy_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def measured(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in ("status", "steps", "probe", "rollouts")}


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run()


def test_equal_campaigns_are_equal_to_the_bit(outcome: Outcome) -> None:
    torch.manual_seed(12345)  # global state must not matter
    again = run()
    assert dump_json(measured(again)) == dump_json(measured(outcome))
    for weights, expected in ((again.peak_weights, outcome.peak_weights), (again.end_weights, outcome.end_weights)):
        assert all(torch.equal(weights[name], expected[name]) for name in expected)


@pytest.mark.parametrize("part", [{"seed": 11}, {"campaign": 3}, {"controller": "A0"}, {"chain": "3B-reinforce-py-20"}])
def test_every_part_of_the_identity_draws_anew(outcome: Outcome, part: dict[str, Any]) -> None:
    other = run(max_steps=1, **part)
    assert [row["completion"] for row in other.rollouts] != [row["completion"] for row in outcome.rollouts[:8]]


def test_a_campaign_leaves_what_was_asked_for(outcome: Outcome) -> None:
    assert outcome.status == "completed"
    assert [record["step"] for record in outcome.steps] == [1, 2, 3, 4, 5]
    assert [entry["step"] for entry in outcome.probe] == [0, 2, 4, 5], "as listed, and after the last step"
    assert all((entry["n_problems"], entry["samples_per_problem"]) == (3, 2) for entry in outcome.probe)
    assert len(outcome.rollouts) == 5 * 2 * 4
    rates = [record["learning_rate"] for record in outcome.steps]
    assert rates == pytest.approx([0.01, 0.02, 0.02, 0.02, 0.02])
    for record in outcome.steps:
        assert set(record) == set(unmeasured(1, 0.0))
        assert all(math.isfinite(record[name]) for name in MEASURED)
    assert {"sampling", "grading", "update", "synchronisation", "probe"} == set(outcome.seconds)


def test_a_probe_counts_completions_and_problems_that_one_of_them_solves() -> None:
    verdicts = itertools.cycle([True, False, False, False, True, True])  # two completions of each of three problems
    outcome = run(
        grader=RuleGrader(lambda _text: next(verdicts)), settings=changed(SETTINGS, probe_steps=[0]), max_steps=0
    )
    assert [(entry["pass@1"], entry["pass@n"]) for entry in outcome.probe] == [(3 / 6, 2 / 3)]


def test_a_divergence_that_nobody_asks_for_is_not_measured() -> None:
    unmeasured = changed(WITHOUT_PROBE, measure_kl=False)
    free, held = run(settings=unmeasured, max_steps=2), run(settings=unmeasured, max_steps=2, kl_coefficient=0.1)
    assert [record["kl"] for record in free.steps] == [None, None]
    assert all(record["kl"] is not None for record in held.steps)


def test_a_large_models_state_is_written_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    every = LocalLearner(make_policy(), SETTINGS).state_every
    monkeypatch.setattr(learner, "LARGE", 0)
    assert LocalLearner(make_policy(), SETTINGS).state_every > every


def test_the_pass_rate_is_the_mean_reward_of_the_rollouts(outcome: Outcome) -> None:
    for record in outcome.steps:
        rewards = [row["reward"] for row in outcome.rollouts if row["step"] == record["step"]]
        assert record["CodeGrader/pass_rate/mean"] == sum(rewards) / len(rewards)
        assert record["verdicts"].get("passed", 0) == sum(rewards)
        assert record["problem_ids"] == list(
            dict.fromkeys(row["problem"] for row in outcome.rollouts if row["step"] == record["step"])
        )


def test_the_peaks_weights_are_those_that_were_sampled_at_the_peak_step() -> None:
    before: list[dict[str, torch.Tensor]] = []
    model = make_policy()
    before.append(copy_weights(model))
    graded = iter(range(100))
    grader = RuleGrader(lambda _text: next(graded) // 8 == 2)  # eight completions a step: all of the third one pass
    outcome = run(
        model, settings=WITHOUT_PROBE, grader=grader, report=lambda _record: before.append(copy_weights(model))
    )
    rates = [record["CodeGrader/pass_rate/mean"] for record in outcome.steps]
    assert rates == [0, 0, 1, 0, 0]
    assert all(torch.equal(outcome.peak_weights[name], weight) for name, weight in before[2].items())
    assert any(not torch.equal(outcome.peak_weights[name], weight) for name, weight in before[3].items())
    assert all(torch.equal(outcome.end_weights[name], weight) for name, weight in before[-1].items())


def test_the_first_of_tied_peaks_is_kept() -> None:
    model = make_policy()
    before = copy_weights(model)
    outcome = run(model, grader=RuleGrader(lambda _text: True))
    assert all(torch.equal(outcome.peak_weights[name], weight) for name, weight in before.items())
    assert any(not torch.equal(outcome.end_weights[name], weight) for name, weight in before.items())


def test_a_learning_rate_of_zero_moves_nothing_and_diverges_by_nothing() -> None:
    model = make_policy()
    before = copy_weights(model)
    outcome = run(model, learning_rate=0.0)
    assert all(torch.equal(outcome.end_weights[name], weight) for name, weight in before.items())
    assert all(0 <= record["kl"] < 1e-9 for record in outcome.steps)
    assert len({entry["pass@1"] for entry in outcome.probe}) == 1  # equal policies, equal random numbers


def test_a_divergence_penalty_holds_the_policy_closer() -> None:
    free, held = run(learning_rate=0.05), run(learning_rate=0.05, kl_coefficient=10.0)
    assert held.steps[-1]["kl"] < free.steps[-1]["kl"]


def test_a_campaign_without_any_reward_completes() -> None:
    outcome = run(grader=RuleGrader(lambda _text: False))
    assert outcome.status == "completed"
    assert [record["loss"] for record in outcome.steps] == [0.0] * 5
    dump_json(measured(outcome))


def check_that_it_failed(outcome: Outcome, steps: int) -> None:
    dump_json(measured(outcome))  # refuses NaN
    assert outcome.status in ("non_finite_loss", "non_finite_gradient")
    assert len(outcome.steps) == steps
    assert all(record["loss"] is not None for record in outcome.steps[:-1])
    assert outcome.steps[-1]["loss"] is None
    assert outcome.steps[-1]["grad_norm"] is None
    assert outcome.peak_weights.keys() == outcome.end_weights.keys()


@pytest.mark.parametrize("poison", [math.nan, math.inf])
@pytest.mark.parametrize("passes", [lambda _text: True, lambda _text: False], ids=["rewards", "no rewards"])
def test_weights_that_turn_bad_end_the_campaign_at_the_next_step(poison: float, passes: Any) -> None:
    model, seen = make_policy(), []

    def poison_after_step_three(record: dict[str, Any]) -> None:
        seen.append(record["step"])
        if record["step"] == 3:
            with torch.no_grad():
                model.model.layers[0].mlp.down_proj.weight[0] = poison

    outcome = run(model, grader=RuleGrader(passes), report=poison_after_step_three, settings=WITHOUT_PROBE)
    check_that_it_failed(outcome, steps=4)
    for weights in (outcome.peak_weights, outcome.end_weights):  # a successor could go on from these
        assert all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())
    assert seen == [1, 2, 3, 4]
    assert outcome.steps[-1] == unmeasured(4, outcome.steps[-1]["learning_rate"])
    assert {row["step"] for row in outcome.rollouts} == {1, 2, 3}
    assert all(torch.isfinite(weight).all() for weight in outcome.peak_weights.values())


@pytest.mark.parametrize("learning_rate", [1e20, 1e30, 1e38])
def test_a_learning_rate_that_blows_up_ends_the_campaign(learning_rate: float) -> None:
    outcome = run(learning_rate=learning_rate, settings=WITHOUT_PROBE, grader=RuleGrader(lambda _text: True))
    check_that_it_failed(outcome, steps=2)


def test_a_probe_of_a_policy_that_is_not_finite_ends_the_campaign() -> None:
    model = make_policy()

    def poison(record: dict[str, Any]) -> None:
        with torch.no_grad():
            model.model.norm.weight.fill_(torch.nan if record["step"] == 2 else 1.0)

    outcome = run(model, report=poison)
    assert outcome.status == "non_finite_loss"
    assert [record["step"] for record in outcome.steps] == [1, 2]
    assert [entry["step"] for entry in outcome.probe] == [0]
    dump_json(measured(outcome))


def test_a_policy_that_starts_bad_leaves_an_empty_record() -> None:
    model = make_policy()
    with torch.no_grad():
        model.model.norm.weight.fill_(torch.nan)
    outcome = run(model, settings=WITHOUT_PROBE)
    check_that_it_failed(outcome, steps=1)
    assert outcome.rollouts == []
    assert run(model).steps == []  # the probe at step 0 comes first


def test_the_learning_rate_warms_up_and_stays() -> None:
    assert [learning_rate_at(step, 3.0, 3) for step in (1, 2, 3, 4, 99)] == pytest.approx([1.0, 2.0, 3.0, 3.0, 3.0])
    assert learning_rate_at(1, 3.0, 0) == 3.0
