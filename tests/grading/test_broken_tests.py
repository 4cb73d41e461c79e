"""Tests that cannot run are no verdict, which no program can make them; what is expected bounds the answers."""

from typing import Any

import pytest

from tests.grading.conftest import LAYERS, LIMITS, assert_problem, call_problem, check, grade, stdio_problem
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.grading.verdicts import BrokenTests


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import numpy as np\ndef check(candidate):\n    assert np.isclose(candidate(1), 1)\n", "'numpy'"),
        ("def check(candidate):\n    assert candidate(1) == 1\n    import numpy\n", "'numpy'"),
        ("def near(a):\n    from numpy import isclose\ndef check(c):\n    assert c(1) == 1 or near(c(1))\n", "'numpy'"),
        ("from math import nonsense\ndef check(candidate):\n    candidate(1)\n", "nonsense"),
        ("def check(candidate):\n    assert candidate(1) == = 1\n", "no Python program: SyntaxError"),
        ("def check(candidate):\n    assert candidate(1) == 1\0\n", "no Python program"),
        ("def chek(candidate):\n    assert candidate(1) == 1\n", "no function check"),
        ("assert f(1) == 1\n", "no function check"),
        ("def check(candidate):\n    assert candidate(1 / 0) == 1\n", "ZeroDivisionError.* before a call of f"),
        ("def check(candidate):\n    raise SystemExit\n", "SystemExit.* before a call of f"),
        ("def check(candidate):\n    for x in []:\n        assert candidate(x)\n", "the tests end before a call of f"),
        ("def check(candidate):\n    candidate(len(bytearray(10**9)))\n", "MemoryError.* before a call"),
        ("import os\ndef check(candidate):\n    os._exit(0)\n", "without a report"),
        ("import ctypes\ndef check(candidate):\n    candidate(ctypes.string_at(0))\n", "error of the tests before"),
        ("def check(candidate, more):\n    assert candidate(1) == 1\n", "TypeError.* before a call"),
        (" \n", "expect nothing"),
    ],
)
def test_tests_that_cannot_run_are_no_verdict_whatever_the_program(grader: CodeGrader, code: str, words: str) -> None:
    for program in ("def f(x):\n    return x\n", "def f(x:\n", "import os\nos._exit(0)\n"):
        with pytest.raises(BrokenTests, match=f"problem test: .*{words}"):
            grade(grader, assert_problem(code), program)


def test_broken_tests_are_not_left_to_the_programs_process() -> None:
    with CodeGrader(LIMITS, LAYERS, allow_unsplit_asserts=True) as unprotected, pytest.raises(BrokenTests):
        grade(unprotected, check("assert candidate(1) == 1", "import numpy"), "def f(x):\n    return x\n")


@pytest.mark.parametrize(
    ("lines", "program"),
    [
        # Of each, the program's answer leads the tests into an exception that could be their own.
        (["exec(candidate(1))"], "'import numpy'"),
        (["exec(candidate(1))"], "'def'"),
        (["values = [candidate(1)]", "values.append(2)", "eval(values[0])"], "'append'"),
        (["__import__(candidate(1))"], "'numpy'"),
        (["[1, 2][candidate(1)]"], "3"),
        (["assert candidate(1) < 2"], "'x'"),
        (["assert candidate(1).real == 2"], "[]"),
        (["assert candidate(candidate(1)) == 2"], "iter([2])"),
        (["assert candidate(candidate(1)) == 2"], "len"),
        (["assert candidate(candidate(1)) == 2"], "(y for y in [f])"),
        (["assert candidate(1) + candidate(1) == 2"], "{1: 2}.items()"),
        (["assert {candidate(1): 2}"], "__import__('collections').deque()"),
        (["bytearray(candidate(1))"], "10**10"),
        (["import ctypes", "ctypes.string_at(candidate(1))"], "1"),
    ],
)
def test_no_answer_makes_tests_unjudgeable(grader: CodeGrader, lines: list[str], program: str) -> None:
    got = grade(grader, check(*lines), f"def f(x):\n    return {program}\n")
    assert got.verdict is not Verdict.PASSED


def test_tests_may_do_without_a_module(grader: CodeGrader) -> None:
    code = (
        "import sys\ntry:\n    import numpy\nexcept ImportError:\n    numpy = None\n"
        "if sys.version_info < (3,):\n    import StringIO\n"
        "def check(candidate):\n    try:\n        unicode\n    except NameError:\n        assert candidate(1) == 1\n"
    )
    assert grade(grader, assert_problem(code), "def f(x):\n    return x\n").verdict is Verdict.PASSED


def test_the_output_limit_follows_what_is_expected(grader: CodeGrader) -> None:
    size = 5 * LIMITS.output_bytes
    assert grade(grader, stdio_problem(("", "7" * size)), f"print('7' * {size})\n").verdict is Verdict.PASSED
    assert grade(grader, stdio_problem(("", "7" * size)), f"print('7' * {2 * size})\n").verdict is Verdict.OUTPUT_LIMIT
    assert grade(grader, stdio_problem(("", "7")), f"print('7' * {size})\n").verdict is Verdict.OUTPUT_LIMIT
    repeated = f"def f(x):\n    return ['7' * {size}, x]\n"
    assert grade(grader, call_problem(([7], ["7" * size, 7])), repeated).verdict is Verdict.PASSED
    long = call_problem(([1], 10**50_000))
    assert grade(grader, long, "def f(x):\n    return 10**50000\n").verdict is Verdict.PASSED
    text = check(f"assert candidate(1) == '{'7' * size}'")
    assert grade(grader, text, f"def f(x):\n    return '7' * {size}\n").verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (call_problem(), "expect nothing"),
        (stdio_problem(), "expect nothing"),
        (stdio_problem(("", " \n"), ("1", "")), "expect nothing"),
        (stdio_problem(("", "7" * (LIMITS.memory_bytes // 8 + 1))), "bytes of output are expected"),
        (call_problem(([1], [float("nan")])), "expect NaN"),
        (call_problem(([1], 1)) | {"entry_point": None}, "need an entry_point"),
    ],
    ids=range(6),
)
def test_a_problem_that_nobody_can_pass_or_fail_is_not_judged(
    grader: CodeGrader, problem: dict[str, Any], words: str
) -> None:
    with pytest.raises(BrokenTests, match=words):
        grade(grader, problem, "def f(x):\n    return x\n")


def test_nan_passes_only_tests_that_speak_of_it(grader: CodeGrader) -> None:
    lines = ("difference = abs(candidate(1) - 1)", "if difference > 1e-6:", "    raise ValueError")
    nans = ("float('nan')", "__import__('decimal').Decimal('nan')", "complex(0, float('nan'))")
    for nan in nans:
        got = grade(grader, check(*lines), f"def f(x):\n    return {nan}\n")
        assert (got.verdict, "NaN" in got.detail) == (Verdict.FAILED, True), got
        held = grade(grader, check("assert not abs(candidate(1)[0] - 1) > 1"), f"def f(x):\n    return [{nan}]\n")
        assert held.verdict is Verdict.FAILED
    program = "def f(x):\n    return float('nan')\n"
    speaks = check("import math", "assert math.isnan(candidate(1))")
    assert grade(grader, speaks, program).verdict is Verdict.PASSED
    prompted = check("assert candidate(1) != candidate(1)") | {"prompt": "# Returns nan.\n"}
    assert grade(grader, prompted, program).verdict is Verdict.PASSED
    assert grade(grader, check("banana = candidate(1)"), program).verdict is Verdict.FAILED
    assert (
        grade(grader, check("assert candidate(1) > 9"), "def f(x):\n    return float('inf')\n").verdict
        is Verdict.PASSED
    )
