"""Everyday tasks: what is said is what is computed, splits share nothing, and compositions stay as they are."""

import builtins
from collections.abc import Callable
from typing import Any

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.problems.everyday.everyday_problems import result_of
from workflow_scripts.problems.everyday.tasks import Task, all_tasks
from workflow_scripts.problems.generate_problems import generate_problems

COUNTS = {"train": {1: 30, 2: 200, 3: 20}, "hard": {2: 9}}
HELD_OUT = {1: 5, 2: 20, 3: 3}
SPLITS = ("train", "probe", "tuning", "main", "hard", "ood")


@pytest.fixture(scope="module")
def splits() -> dict[str, list[dict[str, Any]]]:
    return {split: generate_problems("py", split, COUNTS.get(split, HELD_OUT), 7, 6, 3, "english") for split in SPLITS}


def function_of(row: dict[str, Any]) -> Callable[[Any], Any]:
    names: dict[str, Any] = {}
    exec(row["prompt"] + row["reference"], names)
    function: Callable[[Any], Any] = names[row["entry_point"]]
    return function


def test_the_reference_behind_the_prompt_passes_the_tests(splits: dict[str, list[dict[str, Any]]]) -> None:
    for rows in splits.values():
        for row in rows:
            validate(row, "problem", source=row["task_id"])
            calls = row["tests"]["calls"]
            results = [function_of(row)(call["arguments"][0]) for call in calls]
            assert results == [call["expected"] for call in calls], row["prompt"]
            assert (len(calls), len({repr(result) for result in results}) >= 3) == (6, True)


def test_splits_are_disjoint_but_for_main_in_german(splits: dict[str, list[dict[str, Any]]]) -> None:
    names = {split: [row["entry_point"] for row in rows] for split, rows in splits.items()}
    assert names["ood"] == names["main"]
    assert all(theirs["tests"] == own["tests"] for theirs, own in zip(splits["ood"], splits["main"], strict=True))
    assert {row["natural_language"] for row in splits["ood"]} == {"de"}
    disjoint = [name for split in SPLITS if split != "ood" for name in names[split]]
    assert len(set(disjoint)) == len(disjoint)


def test_tasks_have_names_of_their_own_and_no_two_say_the_same() -> None:
    tasks = list(all_tasks())
    for values in ([task.name for task in tasks], [task.english for task in tasks], [task.german for task in tasks]):
        assert len(set(values)) == len(values)
    assert all(task.name.isidentifier() and task.english.startswith("Return ") for task in tasks)
    assert not [task.name for task in tasks if hasattr(builtins, task.name)], "would hide what programs call"


def test_what_has_no_result_or_too_large_a_one_is_no_test() -> None:
    largest = Task("largest", "t", "ints", "int", "", "", "max(numbers)", 1)
    assert (result_of(largest, [1, 3]), result_of(largest, [])) == (3, None)
    assert result_of(Task("long", "t", "str", "str", "", "", "text * 1000", 1), "ab") is None


def test_more_than_there_are_is_refused_and_other_seeds_take_others() -> None:
    with pytest.raises(UserError, match=r"^--depths: split 'probe' has \d+ everyday tasks of 1 parts, 999 were asked"):
        generate_problems("py", "probe", {1: 999}, 7, 6, 3, "english")
    one, other = (generate_problems("py", "probe", {2: 20}, seed, 6, 3, "english") for seed in (1, 2))
    assert {row["task_id"] for row in one} != {row["task_id"] for row in other}


def test_what_is_to_be_solved_in_cpp_is_a_composition_as_ever() -> None:
    assert generate_problems("py", "cpp", {2: 3}, 7, 6, 3, "english") == generate_problems("py", "cpp", {2: 3}, 7, 6, 3)
