"""HumanEval+ and MBPP+ in their published form: right programs pass and wrong ones do not, in the real sandbox."""

from typing import Any

import pytest

from tests.problems.formats.plus_rows import HUMAN_EVAL_PLUS, MBPP_PLUS, human_eval_plus, mbpp_plus
from tests.problems.test_import_problems import imported, published_rows
from workflow_scripts.grading.code_grader import CodeGrader

ROWS = [("humaneval", *case) for case in HUMAN_EVAL_PLUS] + [("mbpp", *case) for case in MBPP_PLUS]


@pytest.mark.parametrize(
    ("format_name", "row", "programs"), ROWS, ids=[f"{row[0]}-{row[1]['task_id']}" for row in ROWS]
)
def test_right_programs_pass_and_wrong_ones_do_not(
    format_name: str, row: dict[str, Any], programs: dict[str, bool], grader: CodeGrader
) -> None:
    (problem,) = imported(format_name, row)
    grades = grader.grade(problem, [problem["reference"], *programs])
    assert [grade.verdict for grade in grades] == [
        "passed",
        *("passed" if right else "failed" for right in programs.values()),
    ]


# Of HumanEval's own problems: inputs for tests.
HUMAN_EVAL_INPUTS = {
    "HumanEval/0": "[([1.0, 2.0, 2.1], 0.5), ([1.0, 5.0], 0.5)]",
    "HumanEval/2": "[(3.5,), (1e-9,), (7.25,)]",
    "HumanEval/4": "[([1.0, 2.0, 3.0],), ([0.1, 0.2],)]",
    "HumanEval/21": "[([2.0, 49.9],), ([1.0, 3.0, 2.0],)]",
    "HumanEval/47": "[([3, 1, 2],), ([1.5, 2.5],)]",
    "HumanEval/71": "[(3, 4, 5), (1, 2, 10)]",
    "HumanEval/136": "[([-4, -2, 1],), ([],)]",
}


def test_human_evals_own_problems_in_that_form(grader: CodeGrader) -> None:
    rows = [row for row in published_rows("humaneval.jsonl.gz") if row["task_id"] in HUMAN_EVAL_INPUTS]
    problems = [imported("humaneval", in_that_form(row))[0] for row in rows]
    assert len(problems) == len(HUMAN_EVAL_INPUTS)
    right = [grader.grade(problem, [problem["reference"]])[0].verdict for problem in problems]
    assert set(right) == {"passed"}
    wrong = [grader.grade(problem, ["    return 0.123\n"])[0].verdict for problem in problems]
    assert set(wrong) == {"failed"}


def in_that_form(row: dict[str, Any]) -> dict[str, Any]:
    """A row of HumanEval with tests in HumanEval+'s form; the results are those of its published solution."""
    scope: dict[str, Any] = {}
    exec(row["prompt"] + row["canonical_solution"], scope)
    inputs = eval(HUMAN_EVAL_INPUTS[row["task_id"]])
    results = [scope[row["entry_point"]](*given) for given in inputs]
    return row | {"test": human_eval_plus(0, "f()", "", repr(inputs), repr(results))["test"]}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (human_eval_plus(1, "f(x)", "return x", "[]", "[]"), "its tests do not call f"),
        (
            human_eval_plus(1, "f(x)", "return x", "[[1]]", "[1]", call="assertion(g(*inp), exp, 0)"),
            "its tests do not call f",
        ),
        (
            human_eval_plus(1, "f(x)", "return x", "[[1.0]]", "[float('nan')]"),
            "no program passes its tests: nothing equals the NaN",
        ),
        (
            human_eval_plus(1, "f(x)", "return x", "[[1]]", "[1]", helpers="import scipy.stats\n"),
            "its tests import scipy.stats",
        ),
        (
            human_eval_plus(1, "f(x)", "return x", "[[1]]", "[1]", helpers="x = np.array([1])\n"),
            "its tests use numpy.array",
        ),
        (
            mbpp_plus(1, "def f(x):\n    return x", "[[1]]", "[1]", "assertion(g(*inp), exp, 0)"),
            "its tests do not call f",
        ),
        (
            mbpp_plus(1, "def f(x):\n    return x", "[[1]]", "[1]", "candidate(f)("),
            "its tests cannot be read by this Python",
        ),
    ],
)
def test_rows_that_tell_no_programs_apart_are_left_out(row: dict[str, Any], reason: str) -> None:
    (found,) = imported("humaneval" if "entry_point" in row else "mbpp", row)
    assert found.startswith(reason)
