"""Answers that are no plain values do what they do in one process, or are an error that no test swallows."""

import pytest

from tests.grading.conftest import check, grade
from workflow_scripts.grading.code_grader import CodeGrader, Verdict

IMPORTS = (
    "import datetime, itertools, re\nfrom collections import deque\nfrom decimal import Decimal\n"
    "from fractions import Fraction\n"
)


@pytest.mark.parametrize(
    ("line", "program"),
    [
        # An object's truth, and that it is not None.
        ("assert candidate(1) and candidate(1) is not None and not candidate(0)", "re.match('1', str(x))"),
        ("assert not candidate(1) and candidate(1) is not None", "type('Empty', (), {'__len__': lambda _: 0})()"),
        ("assert callable(candidate(1)) and len([candidate(1)]) == 1", "lambda: x"),
        ("assert len(candidate(1)) == 2 and all(candidate(1))", "[object(), f]"),
        # The standard library's classes, compared as in one process.
        ("assert candidate(1) == Fraction(1, 3)", "Fraction(1, 3)"),
        ("assert candidate(1) + 1 == 1.5", "Fraction(1, 2)"),
        ("assert round(candidate(1), 1) == 2", "Decimal('2.04')"),
        ("assert candidate(1) == date(2020, 2, 29)", "datetime.date(2020, 2, 29)"),
        ("assert candidate(1).isoformat() == '2020-01-01T00:00:00+00:00'",
         "datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)"),
        ("assert candidate(1).total_seconds() == 61", "datetime.timedelta(minutes=1, seconds=1)"),
        ("assert candidate(1) == deque([1, 2])", "deque([1, 2])"),
        # Views and iterators are no lists.
        ("assert candidate(1) == {2, 1} and candidate(1) != [1, 2]", "{1: 0, 2: 0}.keys()"),
        ("assert sorted(candidate(1)) == [3, 3]", "{1: 3, 2: 3}.values()"),
        ("assert ([*candidate(1)], candidate(1) == [(1, 3)]) == ([(1, 3)], False)", "{1: 3}.items()"),
        ("y = candidate(1); assert (y == [1, 2], list(y), list(y)) == (False, [1, 2], [])", "(y for y in [1, 2])"),
        ("assert [*candidate(1)] == ['1', '2'] and next(candidate(1)) == '1'", "map(str, [1, 2])"),
        ("assert dict(candidate(1)) == {0: 5}", "enumerate([5])"),
        ("assert list(candidate(1)) == [[1, 2]]", "zip([[1, 2]], [3]).__next__()[:1].__iter__()"),
        ("assert list(candidate(candidate(1))) == [[1], [2]] or True", "iter([1])"),
        ("assert candidate(1) == bytearray(b'a')", "bytearray(b'a')"),
    ],
)  # fmt: skip
def test_an_answer_of_another_kind_does_what_it_does_in_one_process(
    grader: CodeGrader, line: str, program: str
) -> None:
    problem = check(
        "from collections import deque", "from datetime import date", "from fractions import Fraction", line
    )
    got = grade(grader, problem, f"{IMPORTS}def f(x):\n    return {program}\n")
    assert got.verdict is Verdict.PASSED, got


@pytest.mark.parametrize(
    "question",
    [
        *("candidate(1) == 3", "None == candidate(1)", "candidate(1) in [None, 3]", "candidate(1) in {3}"),
        *("candidate(1).x", "isinstance(candidate(1), list)", "len(candidate(1))", "list(candidate(1))"),
        *("f'{candidate(1)}'", "str(candidate(1))", "candidate(1) + 1", "1 + candidate(1)", "hash(candidate(1))"),
        *("candidate(candidate(1))", "candidate([candidate(1)])", "bool(candidate(2))", "{candidate(1)}"),
        *("candidate(1) < 3", "copy.copy(candidate(1))", "candidate(3)()"),
    ],
)  # fmt: skip
def test_more_than_an_objects_truth_is_an_error_that_no_test_swallows(grader: CodeGrader, question: str) -> None:
    program = (
        "class Sheep:\n    pass\nclass Wolf:\n    def __bool__(self):\n        raise ValueError('no')\n"
        "def f(x):\n    return [Sheep(), Wolf(), f][x - 1]\n"
    )
    problem = check("import copy", "try:", f"    {question}", "except BaseException:", "    pass", "bool(candidate(2))")
    got = grade(grader, problem, program)
    assert got.verdict is Verdict.ERROR, got
    assert "returned a" in got.detail or "ValueError: no" in got.detail


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        ("itertools.count()", Verdict.OUTPUT_LIMIT),
        ("iter(lambda: 'x' * 1000, 0)", Verdict.OUTPUT_LIMIT),
        ("(1 // y for y in [1, 0])", Verdict.ERROR),
        ("(y for y in iter(int, 1) if y)", Verdict.TIME_LIMIT),
    ],
)
def test_iterators_that_never_end_or_fail(grader: CodeGrader, program: str, verdict: Verdict) -> None:
    problem = check("for item in candidate(1):", "    break")
    assert grade(grader, problem, f"{IMPORTS}def f(x):\n    return {program}\n").verdict is verdict
