"""The rule of a split: what it takes of a problem, and that its number depends on the statement alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.problems.published_samples import apps_row, contest_row
from workflow_scripts.core.published_rows import PublishedRow
from workflow_scripts.problems.import_problems import converter
from workflow_scripts.problems.selection_rule import (
    SelectionRule,
    has_several_answers,
    normalised_statement,
    shortened,
    split_number,
    why_left_out,
)


def rule(**changes: Any) -> SelectionRule:
    values = {
        "levels": (),
        "ratings": None,
        "max_cases": 10,
        "max_case_bytes": 1000,
        "max_prompt_characters": 4000,
        "seed": 1,
        "low": 0.0,
        "high": 1.0,
    }
    return SelectionRule(**(values | changes))


def imported(format_name: str, row: dict[str, Any], language: Any = "python") -> dict[str, Any]:
    return converter(format_name, language)(PublishedRow("row", row))


def apps(**changes: Any) -> dict[str, Any]:
    return imported("apps", apps_row(**changes))


def rated(rating: int) -> dict[str, Any]:
    return imported("code-contests", contest_row(cf_rating=rating))


def test_difficulty_is_what_the_source_states() -> None:
    assert apps()["difficulty"] == "introductory"
    assert rated(1400)["difficulty"] == 1400
    # CodeContests writes 0 where a problem has no rating.
    assert rated(0)["difficulty"] is None
    assert imported("code-contests", contest_row())["difficulty"] is None


@pytest.mark.parametrize(
    ("levels", "ratings", "taken"),
    [
        ((), None, {"introductory", "competition", 800, 1600, 1700, None}),
        (("introductory",), None, {"introductory"}),
        ((), (800, 1600), {800, 1600}),
        (("introductory", "competition"), (1700, 3500), {"introductory", "competition", 1700}),
    ],
)
def test_difficulties_are_taken_as_asked(
    levels: tuple[str, ...], ratings: tuple[float, float] | None, taken: set[Any]
) -> None:
    problems = [
        apps(),
        apps(difficulty="competition"),
        *map(rated, (800, 1600, 1700, 0)),
    ]
    wanted = rule(levels=levels, ratings=ratings)
    assert {problem["difficulty"] for problem in problems if why_left_out(problem, wanted) is None} == taken


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (apps(solutions=[]), "it has no reference solution"),
        (apps(question="x" * 4000), "its prompt is too long"),
        (apps(input_output={"inputs": ["1" * 990], "outputs": ["1" * 11]}), "every case of its tests is too large"),
        (apps(input_output={"inputs": ["1" * 990], "outputs": ["1" * 10]}), None),
    ],
)
def test_what_a_problem_must_have(problem: dict[str, Any], reason: str | None) -> None:
    assert why_left_out(problem, rule()) == reason


def test_the_first_cases_that_are_not_too_large_stay() -> None:
    problem = apps(input_output={"inputs": ["1", "2" * 2000, "3", "4"], "outputs": ["1", "2", "3", "4"]})
    kept = shortened(problem, rule(max_cases=2))
    assert kept is not None
    assert [case["input"] for case in kept["tests"]["cases"]] == ["1", "3"]
    assert len(problem["tests"]["cases"]) == 4


def test_several_answers_are_seen_in_a_question_that_stands_in_a_comment() -> None:
    tests = {"fn_name": "f", "inputs": [[1]], "outputs": [1]}
    several = apps(question="Return a number.\nIf there are several answers,\nreturn any of them.", input_output=tests)
    assert several["tests"]["kind"] == "calls"
    assert has_several_answers(several)
    assert not has_several_answers(apps(input_output=tests))


def test_calls_are_cut_as_cases_are_and_asserts_are_not() -> None:
    calls = [{"arguments": [[number] * size], "expected": number} for number, size in ((1, 1), (2, 900), (3, 1))]
    kept = shortened(apps() | {"tests": {"kind": "calls", "calls": calls}}, rule(max_cases=2))
    assert kept is not None
    assert kept["tests"]["calls"] == [calls[0], calls[2]]
    asserts = apps() | {"tests": {"kind": "asserts", "code": "x" * 5000}}
    assert shortened(asserts, rule()) is asserts


def test_copies_of_a_problem_have_one_statement() -> None:
    latex = apps(question="Given $n$ ($1 \\leq n \\leq 10^5$), print $n$.\n\n-----Input-----\nOne number: $a_{1}$.")
    plain = imported(
        "code-contests", contest_row(description="Given n (1 ≤ n ≤ 105), print n.\n\nInput\n\nOne number: a1.")
    )
    assert normalised_statement(latex) == normalised_statement(plain) == "givenn1n105printninputonenumbera1"


def test_a_problem_is_the_same_in_both_languages() -> None:
    python, cpp = (imported("code-contests", contest_row(), language) for language in ("python", "cpp"))
    assert python["prompt"] != cpp["prompt"]
    assert normalised_statement(python) == normalised_statement(cpp)


@given(st.text(), st.integers(min_value=0))
def test_numbers_lie_in_the_unit_interval_and_repeat(statement: str, seed: int) -> None:
    number = split_number(statement.encode("utf-8", "replace").decode(), seed)
    assert 0 <= number < 1
    assert number == split_number(statement.encode("utf-8", "replace").decode(), seed)


def test_numbers_are_spread_evenly_and_another_seed_deals_anew() -> None:
    numbers = [split_number(json.dumps(index), 1) for index in range(4000)]
    assert all(abs(sum(low <= number < low + 0.1 for number in numbers) - 400) < 100 for low in (0.0, 0.3, 0.9))
    assert numbers[:10] != [split_number(json.dumps(index), 2) for index in range(10)]
