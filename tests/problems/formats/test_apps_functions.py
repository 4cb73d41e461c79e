"""Whether a function of APPS answers bare or in lists of one element is told by its published solutions."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.problems.published_samples import apps_function_row, apps_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_jsonl
from workflow_scripts.core.published_rows import PublishedRow
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError
from workflow_scripts.problems import import_problems
from workflow_scripts.problems.import_problems import LeftOut, converter, import_rows

BARE, LISTED = "def f(x):\n    return x", "def f(x):\n    return [x]"
LISTED_TWICE = "def f(x):\n    return [[x]]"
SEVEN, NEITHER = "def f(x):\n    return 7", "def f(x):\n    return x if x == 1 else [x]"
ENDLESS, PYTHON_2 = "def f(x):\n    while True: pass", "def f(x):\n    print x"
METHOD = "class Solution:\n    def f(self, x: int) -> int:\n        "


def imported(grader: CodeGrader, outputs: list[Any], *solutions: str, starter: str = "") -> Any:
    row = apps_function_row(outputs, starter, "") | {"solutions": json.dumps(solutions)}
    (item,) = import_rows([PublishedRow("row 1", row)], converter("apps", grader=grader))
    return item


@pytest.mark.parametrize(
    ("outputs", "solutions", "starter", "expected", "reference"),
    [
        ([[1], [2]], [BARE], "", [1, 2], BARE),
        ([[1], [2]], [LISTED], "", [[1], [2]], LISTED),
        # What the starter code says of lists is not what decides.
        ([[1], [2]], [BARE], "def f(x) -> List[int]:", [1, 2], BARE),
        ([[1], [2]], [METHOD + "return [x]"], METHOD, [[1], [2]], METHOD + "return [x]"),
        ([[[1]], [[2]]], [LISTED], "", [[1], [2]], LISTED),
        ([[[1]], [[2]]], [LISTED_TWICE], "", [[[1]], [[2]]], LISTED_TWICE),
        # The first solution that gives an answer decides, and is the reference.
        ([[1], [2]], [ENDLESS, PYTHON_2, SEVEN, LISTED], "", [[1], [2]], LISTED),
        # Nothing to decide: the outputs are no lists, or have not one element each.
        ([1, 2], [LISTED], "", [1, 2], LISTED),
        ([[1], [1, 2]], [], "", [[1], [1, 2]], None),
    ],
)
def test_the_form_is_the_published_solutions(
    outputs: list[Any],
    solutions: list[str],
    starter: str,
    expected: list[Any],
    reference: str | None,
    grader: CodeGrader,
) -> None:
    problem = imported(grader, outputs, *solutions, starter=starter)
    assert [call["expected"] for call in problem["tests"]["calls"]] == expected
    assert problem["reference"] == reference


@pytest.mark.parametrize(
    ("solutions", "reason"),
    [
        ([], "only a published solution could tell whether it answers in lists of one element"),
        ([SEVEN], "its published solutions give its answers neither bare nor in lists of one element"),
        ([PYTHON_2], "its published solutions give its answers neither bare nor in lists of one element"),
        ([NEITHER], "its published solutions give its answers neither bare nor in lists of one element"),
    ],
)
def test_what_no_solution_tells_is_left_out(solutions: list[str], reason: str, grader: CodeGrader) -> None:
    assert imported(grader, [[1], [2]], *solutions) == LeftOut("row 1", reason)


def run_main(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, row: dict[str, Any], *options: str
) -> list[dict[str, Any]]:
    (tmp_path / "apps.jsonl").write_text(json.dumps(row) + "\n")
    output = tmp_path / "problems.jsonl"
    command = ["import_problems", "--format=apps", f"--input={tmp_path}/apps.jsonl", f"--output={output}", *options]
    monkeypatch.setattr(sys, "argv", command)
    import_problems.main()
    return read_jsonl(output, "problem")


def test_an_import_that_may_not_run_programs_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = apps_function_row([[1], [2]], "", LISTED)
    (problem,) = run_main(monkeypatch, tmp_path, row)
    assert [call["expected"] for call in problem["tests"]["calls"]] == [[1], [2]]
    with pytest.raises(UserError, match="problem APPS/8: its solution cannot be run: required layer 'moat': unknown"):
        run_main(monkeypatch, tmp_path, row, "--required-layers", "moat")
    # Where nothing is to be told, nothing runs.
    assert run_main(monkeypatch, tmp_path, apps_row(), "--required-layers", "moat")

    def broken(*_: Any) -> None:
        raise InfrastructureError("no fork")

    monkeypatch.setattr(CodeGrader, "grade_each", broken)
    with pytest.raises(UserError, match="the sandbox failed, no problems were written: no fork"):
        run_main(monkeypatch, tmp_path, row)


def test_solutions_are_tried_up_to_the_number_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = apps_function_row([[1], [2]], "", "") | {"solutions": json.dumps([PYTHON_2, PYTHON_2 + "\n", LISTED])}
    assert run_main(monkeypatch, tmp_path, row, "--max-solutions=2")
    with pytest.raises(UserError, match="no problem to write: 0 problems, 1 rows left out"):
        run_main(monkeypatch, tmp_path, row, "--max-solutions=1")
