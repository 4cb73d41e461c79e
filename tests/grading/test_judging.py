"""Printed numbers are compared within the tolerance that a problem states, and everything else token by token."""

import pytest

from tests.grading.conftest import stdio_problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.grading import judging
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.grading.sandbox.wire import SANDBOX_ENTERED, Ending
from workflow_scripts.grading.sandbox.zygote_process import Outcome
from workflow_scripts.problems.formats.published_problem import problem_of


def passes(printed: str, expected: str, tolerance: float | None) -> bool:
    """Whether an output passes; a compiled program's and a Python program's are compared alike."""
    python = Outcome(Ending.EXITED, 0, SANDBOX_ENTERED + b'{"end": "returned"}', printed.encode())
    native = Outcome(Ending.EXITED, 0, SANDBOX_ENTERED, printed.encode())
    grades = [
        judging.judge_output(python, expected, tolerance),
        judging.judge_native_output(native, expected, tolerance),
    ]
    assert grades[0] == grades[1]
    return grades[0].verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("printed", "expected", "right"),
    [
        ("0.3333333", "0.333333333333", True),
        ("0.3334", "0.333333333333", False),
        ("1e-9", "0.0", True),
        ("-0.0", "0.000", True),
        ("2", "2.0000001", True),
        ("2.0000001", "2", True),
        (".5", "0.5", True),
        ("5.", "5.0", True),
        ("+1.0E0", "1", True),
        # Relative to what is expected.
        ("123456789.5", "123456700.0", True),
        ("123456789.5", "123450000.0", False),
        # Whole numbers are counts, not measurements.
        ("1000000000000001", "1000000000000000", False),
        ("3", "03", False),
        ("nan", "nan", True),
        ("nan", "0.5", False),
        ("0.5", "nan", False),
        ("inf", "1e308", False),
        ("1e999", "1.5", False),
        ("1e999", "2e999", False),
        ("1_0.0", "10.0", False),
        ("٣.٥", "3.5", False),
        ("0x1p0", "1.0", False),
        ("YES 0.50", "YES 0.5", True),
        ("Yes 0.5", "YES 0.5", False),
        ("0.5", "0.5 0.5", False),
        ("0.5 0.5", "0.5", False),
        ("1" * 100_000 + ".5", "1" * 100_000 + ".25", False),
    ],
)  # fmt: skip
def test_numbers_within_a_tolerance(printed: str, expected: str, right: bool) -> None:
    assert passes(printed, expected, 1e-6) is right
    assert not passes(printed, expected, None) or printed == expected


def test_a_program_is_judged_by_its_problems_tolerance(grader: CodeGrader) -> None:
    problem = stdio_problem(("", "0.3333333333"))
    lenient = problem | {"tests": problem["tests"] | {"tolerance": 1e-6}}
    assert grader.grade(lenient, ["print(1 / 3)"])[0].verdict is Verdict.PASSED
    assert grader.grade(problem, ["print(1 / 3)"])[0].verdict is Verdict.FAILED


def test_a_tolerance_is_a_number_between_0_and_1() -> None:
    tests = stdio_problem(("", "1"))["tests"]
    problem = problem_of("own/1", "python", "program", "", None, None, tests)
    validate(problem | {"tests": tests | {"tolerance": 1e-6}}, "problem", "own.jsonl:1")
    for wrong in (0, 1, -1e-6, "1e-6", None):
        with pytest.raises(UserError, match=r"own\.jsonl:1: tests"):
            validate(problem | {"tests": tests | {"tolerance": wrong}}, "problem", "own.jsonl:1")


def test_a_case_that_expects_output_judges_beside_one_that_does_not(grader: CodeGrader) -> None:
    assert grader.grade(stdio_problem(("1", ""), ("2", "3")), ["print()"])[0].verdict is Verdict.FAILED
