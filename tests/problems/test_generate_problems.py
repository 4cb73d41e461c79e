"""Every split: its references pass, its tests tell answers apart, and it is a function of its arguments alone."""

from itertools import combinations

import pytest

from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.problems.generate_problems import SPLITS, generate_problems, summarize
from workflow_scripts.problems.generated.compose import composition_hash
from workflow_scripts.problems.generated.evaluate_reference import evaluate_reference, run_bounded, without_step
from workflow_scripts.problems.generated.values import is_bounded

COUNTS = {
    split: {1: 40, 2: 260, 3: 200} if split == "train" else {3: 100} if split == "hard" else {1: 8, 2: 52, 3: 40}
    for split in SPLITS
}
PYTHON_SPLITS = [split for split in SPLITS if split != "cpp"]


@pytest.fixture(scope="module")
def splits():
    return {split: generate_problems("py", split, COUNTS[split], 0, 6, 3) for split in SPLITS}


def solve_of(row):
    scope = {}
    exec(row["prompt"] + row["reference"], scope)  # references are ours; a model's programs go to the sandbox
    return scope[row["entry_point"]]


@pytest.mark.parametrize("split", PYTHON_SPLITS)
def test_references_pass_and_tests_tell_answers_apart(splits, split):
    for row in splits[split]:
        solve = solve_of(row)
        calls = row["tests"]["calls"]
        assert len(calls) == 6
        assert len({repr(call["expected"]) for call in calls}) >= 3
        assert len({repr(call["arguments"]) for call in calls}) == 6
        for call in calls:
            assert solve(*call["arguments"]) == call["expected"]
            assert is_bounded(call["arguments"][0])
            assert is_bounded(call["expected"])


@pytest.mark.parametrize("split", PYTHON_SPLITS)
def test_a_solution_that_lacks_a_step_fails(splits, split):
    for row in splits[split]:
        calls = row["tests"]["calls"]
        for shorter in without_step(tuple(row["composition"])):
            assert any(run_bounded(shorter, call["arguments"][0]) != call["expected"] for call in calls)


@pytest.mark.parametrize("split", SPLITS)
def test_rows_fit_the_schema_and_the_stated_depths(splits, split):
    rows = splits[split]
    for row in rows:
        validate(row, "problem", source=row["task_id"])
        assert row["depth"] == len(row["composition"])
        assert row["task_id"] == f"py/{split}/{composition_hash(tuple(row['composition']))}"
    assert {depth: sum(row["depth"] == depth for row in rows) for depth in COUNTS[split]} == COUNTS[split]
    assert len({row["task_id"] for row in rows}) == len(rows)


def test_splits_are_disjoint_and_transfer_splits_pose_the_problems_of_main(splits):
    hashes = {split: {row["task_id"].rsplit("/")[-1] for row in rows} for split, rows in splits.items()}
    assert hashes["main"] == hashes["ood"] == hashes["cpp"]
    for first, second in combinations(["train", "probe", "tuning", "main", "hard"], 2):
        assert not hashes[first] & hashes[second]
    for english, german, cpp in zip(splits["main"], splits["ood"], splits["cpp"], strict=True):
        assert english["composition"] == german["composition"] == cpp["composition"]
        assert english["tests"] == german["tests"]
        assert english["reference"] == german["reference"]
        assert english["prompt"] != german["prompt"]
        assert (german["natural_language"], cpp["language"]) == ("de", "cpp")


def test_the_problem_seed_changes_selection_and_inputs(splits):
    other = generate_problems("py", "main", COUNTS["main"], 1, 6, 3)
    assert other != splits["main"]
    assert generate_problems("py", "main", COUNTS["main"], 0, 6, 3) == splits["main"]
    composition = tuple(splits["main"][0]["composition"])
    assert evaluate_reference(composition, 1, 6, 3) != splits["main"][0]["tests"]["calls"]


def test_more_problems_than_the_split_has_is_the_users_mistake():
    with pytest.raises(UserError, match="split 'probe' has 9 problems of depth 1, 12 were asked for"):
        generate_problems("py", "probe", {1: 12}, 0, 6, 3)


def test_no_test_calls_where_a_value_leaves_the_bounds():
    assert run_bounded(("square", "square"), 10**4) is None
    assert evaluate_reference(("first_three", "count_numbers"), 0, 6, 3) is None


def test_the_summary_counts_characters_per_depth(splits):
    assert summarize(splits["hard"]).startswith("depth 3: 100 problems; characters (mean/max): prompt ")


def test_two_runs_are_byte_identical(tmp_path):
    options = ["--domain=py", "--split=main", "--count=100", "--depths=1:8,2:52,3:40", "--problem-seed=0"]
    options += ["--tests=6", "--distinct-outputs=3"]
    module = "workflow_scripts.problems.generate_problems"
    (problems,) = assert_equal_bytes(module, tmp_path, *options, output="problems.jsonl")
    assert problems.count(b"\n") == 100
