"""Stored rollouts graded again: a verdict that was altered is found, equal programs are judged once, counts of both."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.grading.test_grade_samples import CALLS, DOUBLE, write_lines
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.grading import regrade_rollouts
from workflow_scripts.grading.code_grader import Grade, Verdict

WRONG = "def f(x):\n    return x\n"
BROKEN = "def f(x):\n    return 1 / 0\n"


def rollout(step: int, completion: str, verdict: str) -> dict[str, Any]:
    return {"step": step, "problem": CALLS["task_id"], "completion": completion, "verdict": verdict}


# The second campaign's wrong program is stored as one that passed; the double is in both.
FIRST = [
    rollout(1, DOUBLE, "passed"),
    rollout(1, WRONG, "failed"),
    rollout(2, DOUBLE, "passed"),
    rollout(2, BROKEN, "error"),
]
SECOND = [rollout(1, WRONG, "passed"), rollout(1, DOUBLE, "passed")]


def write_campaigns(folder: Path, *campaigns: list[dict[str, Any]]) -> list[Path]:
    paths = []
    for number, rows in enumerate(campaigns, start=1):
        paths.append(folder / f"c{number:02d}/rollouts.parquet")
        paths[-1].parent.mkdir(parents=True)
        pd.DataFrame(rows).to_parquet(paths[-1])
    return paths


def test_a_verdict_that_was_altered_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems, output = write_lines(tmp_path / "problems.jsonl", [CALLS]), tmp_path / "out/regraded.json"
    first, second = write_campaigns(tmp_path, FIRST, SECOND)
    options = [f"--problems={problems}", "--prompt-format=plain", f"--output={output}", "--workers=2"]
    monkeypatch.setattr("sys.argv", ["regrade_rollouts", *options, "--rollouts", str(first), str(second)])
    regrade_rollouts.main()
    found = read_json(output, "regraded")
    assert (found["rollouts"], found["programs"]) == (6, 3)
    assert (found["repeated_programs"], found["inconsistent_programs"]) == (2, 1)
    table = {(one["stored"], one["new"]): (one["rollouts"], one["programs"]) for one in found["verdicts"]}
    assert table == {
        ("error", "error"): (1, 1),
        ("failed", "failed"): (1, 1),
        ("passed", "failed"): (1, 1),
        ("passed", "passed"): (3, 1),
    }
    (disagreement,) = found["disagreements"]
    assert (disagreement["completion"], disagreement["stored"], disagreement["new"]) == (WRONG, "passed", "failed")
    assert found["pass_rates"] == {str(first): [0.5, 0.5], str(second): [0.5]}
    assert set(found["inputs"]) == {str(problems), str(first), str(second)}


def test_equal_programs_are_counted_with_each_of_their_verdicts() -> None:
    program = ("p", "x")
    campaigns = {"a": [(1, program, "passed"), (1, program, "wall_limit")], "b": [(1, program, "passed")]}
    found = regrade_rollouts.compare(campaigns, {program: Grade(Verdict.PASSED, "\udc80")})
    assert [(one["stored"], one["rollouts"], one["programs"]) for one in found["verdicts"]] == [
        ("passed", 2, 1),
        ("wall_limit", 1, 1),
    ]
    assert (found["programs"], found["inconsistent_programs"]) == (1, 1)
    assert found["disagreements"][0]["detail"] == "\\udc80"
    assert found["pass_rates"] == {"a": [1.0], "b": [1.0]}


def test_rollouts_of_other_problems_and_none_are_refused(tmp_path: Path) -> None:
    (path,) = write_campaigns(tmp_path, FIRST)
    with pytest.raises(UserError, match=r"row 1: problem: 'own/calls' is no problem of --problems"):
        regrade_rollouts.read_rollouts(path, {})
    empty = tmp_path / "empty.parquet"
    pd.DataFrame(FIRST).iloc[:0].to_parquet(empty)
    with pytest.raises(UserError, match=r"empty\.parquet: holds no rollout"):
        regrade_rollouts.read_rollouts(empty, {})
