"""Of candidates those are taken, in their order, that the untrained model solves now and then."""

import json
import sys
from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_jsonl, write_jsonl
from workflow_scripts.problems import select_by_pass_rate
from workflow_scripts.problems.generate_problems import generate_problems
from workflow_scripts.problems.select_by_pass_rate import pass_rates, select, summarize

MAIN = generate_problems("py", "main", {1: 2, 2: 4}, 7, 6, 3, "english")
CORRECT = [0, 1, 4, 2, 3, 4]  # of four samples


def grades(counts: list[int], n: int = 4) -> dict[str, list[dict[str, object]]]:
    rows = zip(MAIN, counts, strict=True)
    return {"problems": [{"task_id": row["task_id"], "n": n, "c": c, "unjudged": 0} for row, c in rows]}


def test_those_between_the_bounds_are_taken_in_order() -> None:
    rates = pass_rates(grades(CORRECT))
    assert select(MAIN, rates, 0.05, 0.9) == [MAIN[1], MAIN[3], MAIN[4]]
    assert select(MAIN, rates, 0.25, 0.75) == [MAIN[1], MAIN[3], MAIN[4]]
    assert select(MAIN, rates, 0.9, 1.0) == [MAIN[2], MAIN[5]]


def test_what_nobody_could_judge_is_not_taken() -> None:
    assert select(MAIN, pass_rates(grades([0] * 6, n=0)), 0.0, 1.0) == []


def test_the_same_problems_in_german_are_chosen_by_the_same_grades() -> None:
    ood = generate_problems("py", "ood", {1: 2, 2: 4}, 7, 6, 3, "english")
    assert select(ood, pass_rates(grades(CORRECT)), 0.05, 0.9) == [ood[1], ood[3], ood[4]]


def test_the_log_says_what_was_left_out() -> None:
    lines = summarize(MAIN, pass_rates(grades(CORRECT)), 0.05, 0.9).splitlines()
    assert sum(int(line.split()[2]) for line in lines) == len(MAIN)
    assert all(line.startswith(f"depth {depth}: ") for depth, line in enumerate(lines, start=1))


def test_too_few_are_an_error_that_says_how_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    candidates, graded, output = (tmp_path / name for name in ("main.jsonl", "grades.json", "out.jsonl"))
    write_jsonl(candidates, MAIN, schema="problem")
    graded.write_text(json.dumps(grades(CORRECT)))
    monkeypatch.setattr(select_by_pass_rate, "read_json", lambda path, **_: json.loads(path.read_text()))

    def run(count: int) -> None:
        options = [f"--candidates={candidates}", f"--grades={graded}", "--range", "0.05", "0.9", f"--count={count}"]
        monkeypatch.setattr(sys, "argv", ["select_by_pass_rate", *options, f"--output={output}"])
        select_by_pass_rate.main()

    run(2)
    assert read_jsonl(output, "problem") == [MAIN[1], MAIN[3]]
    with pytest.raises(UserError, match=r": 3 of 6 candidates have a pass rate from .* and 4 were asked for"):
        run(4)
