"""A step's record against numbers worked out by hand."""

import math
from dataclasses import replace

import pytest
import torch

from tests.models.tiny_models import make_model, make_tokenizer, plain_prompts
from tests.training.synthetic_rollouts import FAILED, PASSED, RuleGrader, make_problem, make_rollouts
from workflow_scripts.grading.code_grader import Grade, Verdict
from workflow_scripts.training.rollouts import (
    NonFiniteError,
    Rollouts,
    choose,
    collect,
    describe,
    grade_groups,
    table_rows,
)
from workflow_scripts.training.samplers.decode_loop import DecodeLoopSampler
from workflow_scripts.training.samplers.sampling import Alternatives, Sampled

torch.set_num_threads(1)


def by_hand() -> Rollouts:
    """Two problems, four samples each."""
    lengths = [2, 3, 3, 4, 1, 4, 4, 3]
    sampled = Sampled(
        tokens=torch.zeros(8, 4, dtype=torch.long),
        lengths=torch.tensor(lengths),
        finished=torch.tensor([True, True, True, False, True, False, False, True]),
        log_probabilities=-(torch.arange(4) < torch.tensor(lengths).unsqueeze(1)).float(),
        entropies=0.5 * (torch.arange(4) < torch.tensor(lengths).unsqueeze(1)).float(),
    )
    completions = ["a", "b", "b", "c", "a", "a", "d", "a"]
    grades = [PASSED, FAILED, FAILED, PASSED, FAILED, FAILED, Grade(Verdict.TIME_LIMIT, "late"), FAILED]
    return Rollouts([make_problem(1), make_problem(2)], [[1], [2]], sampled, completions, grades)


def test_a_record_by_hand() -> None:
    record = describe(by_hand())
    assert record.pop("reward_std") == pytest.approx(math.sqrt(1 / 3) / 2)
    assert record.pop("completions/mean_terminated_length") == pytest.approx(2.4)
    assert record == {
        "CodeGrader/pass_rate/mean": 0.25,
        "entropy": 0.5,
        "entropy/lower_bound": None,
        "entropy/upper_bound": None,
        "completions/mean_length": 3.0,
        "completions/min_length": 1.0,
        "completions/max_length": 4.0,
        "completions/min_terminated_length": 1.0,
        "completions/max_terminated_length": 3.0,
        "completions/clipped_ratio": 0.375,
        "completions/unique_fraction": 5 / 8,  # a, b, c of the first problem; a, d of the second
        "frac_reward_zero_std": 0.5,
        "problem_ids": ["py/test/1", "py/test/2"],
        "verdicts": {"failed": 5, "passed": 2, "time_limit": 1},
    }


def test_the_entropy_is_a_mean_over_tokens_and_not_over_rows() -> None:
    rollouts = by_hand()
    rollouts.sampled.entropies[3] = 2.0
    assert describe(rollouts)["entropy"] == pytest.approx((4 * 2.0 + 20 * 0.5) / 24)


def test_the_entropy_of_a_sampler_that_does_not_see_it_is_null() -> None:
    rollouts = by_hand()
    rollouts.sampled.entropies.fill_(torch.nan)
    assert describe(rollouts)["entropy"] is None


def test_lengths_of_completions_that_all_were_cut() -> None:
    rollouts = by_hand()
    rollouts.sampled.finished.fill_(False)
    record = describe(rollouts)
    assert record["completions/clipped_ratio"] == 1.0
    assert [record[f"completions/{which}_terminated_length"] for which in ("mean", "min", "max")] == [0.0] * 3


def test_bounds_of_the_entropy_are_means_over_tokens() -> None:
    rollouts = by_hand()
    # At the first token of each row two of four tokens at 1/2 each, behind it one that is certain.
    highest = torch.tensor([0.0, -torch.inf]).repeat(8, 4, 1)
    highest[:, 0] = torch.tensor([0.5, 0.5]).log()
    sampled = replace(rollouts.sampled, alternatives=Alternatives(highest, 4))
    record = describe(replace(rollouts, sampled=sampled))
    for name in ("entropy/lower_bound", "entropy/upper_bound"):
        assert record[name] == pytest.approx(math.log(2) * 8 / 24)


def test_bounds_of_the_entropy_hold_it_between_them() -> None:
    tokenizer = make_tokenizer()
    model, problems = make_model(vocabulary=tokenizer.get_vocab_size()), [make_problem(1), make_problem(2)]
    prompts, sampled, completions = collect(
        DecodeLoopSampler(model), plain_prompts(tokenizer), problems, ("chain",), 4, 0.7, 12, num_alter_tokens=4
    )
    record = describe(Rollouts(problems, prompts, sampled, completions, [FAILED] * 8))
    assert record["entropy/lower_bound"] < record["entropy"] < record["entropy/upper_bound"]


def test_a_group_of_one_has_no_spread() -> None:
    model = make_model()
    record = describe(make_rollouts(model, [[1], [2]], [[3, 0], [4, 0]], [1, 0], 1.0))
    assert record["frac_reward_zero_std"] == 1.0
    assert record["reward_std"] == 0.0
    assert record["CodeGrader/pass_rate/mean"] == 0.5


def test_rows_of_the_table() -> None:
    rows = table_rows(3, by_hand())
    assert len(rows) == 8
    assert rows[6] == {
        "step": 3,
        "problem": "py/test/2",
        "completion": "d",
        "reward": 0,
        "verdict": "time_limit",
        "tokens": 4,
        "log_probability": -4.0,
    }
    assert [row["reward"] for row in rows] == [1, 0, 0, 1, 0, 0, 0, 0]


def test_problems_are_drawn_without_repetition_by_their_seed() -> None:
    pool = [make_problem(number) for number in range(10)]
    chosen = [problem["task_id"] for problem in choose(pool, 4, seed=1)]
    assert len(set(chosen)) == 4
    assert chosen == [problem["task_id"] for problem in choose(pool, 4, seed=1)]
    assert chosen != [problem["task_id"] for problem in choose(pool, 4, seed=2)]
    assert sorted(problem["task_id"] for problem in choose(pool, 10, seed=3)) == [p["task_id"] for p in pool]


def test_each_problem_grades_its_own_group() -> None:
    seen = []

    class Recording(RuleGrader):
        def grade_pairs(self, pairs):
            seen.extend((problem["task_id"], completion) for problem, completion in pairs)
            return super().grade_pairs(pairs)

    grades = grade_groups(Recording(), [make_problem(1), make_problem(2)], ["a", "bb", "cc", "d"], "plain")
    assert seen == [("py/test/1", "a"), ("py/test/1", "bb"), ("py/test/2", "cc"), ("py/test/2", "d")]
    assert grades == [FAILED, PASSED, PASSED, FAILED]


def test_a_problems_draws_belong_to_the_problem() -> None:
    tokenizer = make_tokenizer()
    model = make_model(vocabulary=tokenizer.get_vocab_size())
    one, two = make_problem(1), make_problem(2)
    _, _, both = collect(DecodeLoopSampler(model), plain_prompts(tokenizer), [one, two], ("chain", 7, 1), 3, 0.7, 6)
    _, _, turned = collect(DecodeLoopSampler(model), plain_prompts(tokenizer), [two, one], ("chain", 7, 1), 3, 0.7, 6)
    _, _, later = collect(DecodeLoopSampler(model), plain_prompts(tokenizer), [one, two], ("chain", 7, 2), 3, 0.7, 6)
    assert both == turned[3:] + turned[:3]
    assert both != later


def test_nothing_is_collected_from_a_policy_that_is_not_finite() -> None:
    tokenizer = make_tokenizer()
    model = make_model(vocabulary=tokenizer.get_vocab_size())
    with torch.no_grad():
        model.model.norm.weight.fill_(torch.inf)
    with pytest.raises(NonFiniteError, match="non_finite_loss"):
        collect(DecodeLoopSampler(model), plain_prompts(tokenizer), [make_problem(1)], ("chain",), 2, 0.7, 4)


def test_shuffled_rewards_are_the_same_ones_in_an_order_of_their_own() -> None:
    rollouts = by_hand()
    several = [replace(rollouts, order_seed=seed).learned_from("shuffled") for seed in range(20)]
    orders = {tuple(rewards.flatten().tolist()) for rewards in several}
    assert len(orders) > 10
    assert {sum(order) for order in orders} == {2}
    again = replace(rollouts, order_seed=3)
    assert torch.equal(again.learned_from("shuffled"), again.learned_from("shuffled"))
    assert torch.equal(again.learned_from("graded"), rollouts.rewards)


def test_a_constant_reward_is_one_for_every_completion() -> None:
    rollouts = by_hand()
    assert torch.equal(rollouts.learned_from("constant"), torch.ones_like(rollouts.rewards))
