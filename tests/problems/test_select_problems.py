"""Splits are disjoint whatever the sources hold, references are judged by the real grader, and reports say why."""

import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.problems.published_samples import apps_row, contest_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_jsonl, write_jsonl
from workflow_scripts.core.published_rows import PublishedRow
from workflow_scripts.grading.code_grader import InfrastructureError
from workflow_scripts.problems import import_problems, select_problems
from workflow_scripts.problems.import_problems import converter
from workflow_scripts.problems.select_problems import Candidate, find_candidates, select
from workflow_scripts.problems.selection_rule import Seen, SelectionRule, normalised_statement, split_number

LIMITS = json.dumps({"cpu_seconds": 1.0, "wall_seconds": 20.0, "memory_bytes": 268435456})
SIZES = ("--max-cases=3", "--max-case-bytes=1000", "--max-prompt-characters=4000", "--seed=5")


def apps(number: int, question: str | None = None, **changes: Any) -> dict[str, Any]:
    """An imported problem of APPS; its statement is told by its number, or given."""
    question = f"Print the sum of two numbers, in form {number}." if question is None else question
    return converter("apps")(PublishedRow("row", apps_row(problem_id=number, question=question, **changes)))


def rule(low: float, high: float) -> SelectionRule:
    return SelectionRule((), None, 3, 1000, 4000, seed=5, low=low, high=high)


def run_main(monkeypatch: pytest.MonkeyPatch, module: Any, *options: Any) -> None:
    monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, options)])
    module.main()


def selected(monkeypatch: pytest.MonkeyPatch, output: Path, *options: Any) -> list[str]:
    run_main(monkeypatch, select_problems, *SIZES, *options, f"--output={output}")
    return [row["task_id"] for row in read_jsonl(output, "problem")]


def ids_in(sources: list[Path], low: float, high: float) -> list[str]:
    candidates = find_candidates(sources, rule(low, high), Seen(), Counter())
    return [problem["task_id"] for problem in select(candidates, rule(low, high), None, None, Counter())]


@settings(max_examples=25, deadline=None)
@given(
    statements=st.lists(st.integers(0, 40), min_size=2, max_size=60),
    cut=st.integers(0, 60),
    bounds=st.lists(st.floats(0.05, 0.95), min_size=1, max_size=3, unique=True),
)
def test_splits_are_disjoint_and_no_problem_moves_between_them(
    statements: list[int], cut: int, bounds: list[float], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sources")
    rows = [apps(place, f"statement {number}") for place, number in enumerate(statements)]
    files = [folder / "first.jsonl", folder / "second.jsonl"]
    write_jsonl(files[0], rows[:cut], "problem")
    write_jsonl(files[1], rows[cut:], "problem")
    number_of = {row["task_id"]: split_number(normalised_statement(row), 5) for row in rows}
    edges = [0.0, *sorted(bounds), 1.0]
    splits = [ids_in(files, low, high) for low, high in pairwise(edges)]
    # Each statement is in one split and once, with the split's own order.
    taken = [number_of[task_id] for split in splits for task_id in split]
    assert taken == sorted(set(number_of.values()))
    # One source alone gives each split a part of what both give it; the order of sources changes no statement.
    for (low, high), split in zip(pairwise(edges), splits, strict=True):
        numbers = [number_of[task_id] for task_id in split]
        assert {number_of[task_id] for task_id in ids_in(files[:1], low, high)} <= set(numbers)
        assert [number_of[task_id] for task_id in ids_in(files[::-1], low, high)] == numbers


def test_a_smaller_count_is_the_beginning_of_a_larger_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, output = tmp_path / "apps.jsonl", tmp_path / "split.jsonl"
    write_jsonl(source, map(apps, range(30)))
    every = selected(monkeypatch, output, f"--sources={source}", "--range", 0, 1)
    assert len(every) == 30
    assert selected(monkeypatch, output, f"--sources={source}", "--range", 0, 1, "--count=7") == every[:7]


def test_of_equal_statements_the_first_source_wins_and_the_excluded_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, held_out = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    write_jsonl(first, [apps(1, "One."), apps(2, "Two."), apps(3, "Three.")])
    write_jsonl(second, [apps(11, "ONE!"), apps(3, "Another Three."), apps(12, "Four."), apps(13, "Five.")])
    write_jsonl(held_out, [apps(99, "two"), apps(12, "Something else.")])
    options = ("--sources", first, second, "--exclude", held_out, "--range", 0, 1)
    taken = selected(monkeypatch, tmp_path / "out.jsonl", *options)
    assert sorted(taken) == ["APPS/1", "APPS/13", "APPS/3"]
    said = capsys.readouterr().err
    assert "2 left out: it is excluded\n" in said
    assert "1 left out: its statement is that of an earlier problem\n" in said
    assert "1 left out: its task_id is that of an earlier problem\n" in said


def test_a_source_that_states_no_difficulty_may_be_taken_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown = tmp_path / "known.jsonl", tmp_path / "unknown.jsonl"
    rated = [apps(1, difficulty="interview"), apps(2, difficulty="competition")]
    write_jsonl(known, [*rated, {**apps(3), "difficulty": None}], schema="problem")
    write_jsonl(unknown, [{**apps(4), "difficulty": None}], schema="problem")
    options = ["--range", 0, 1, "--levels", "interview", "--sources", known, unknown]
    assert selected(monkeypatch, tmp_path / "one.jsonl", *options) == ["APPS/1"]
    both = selected(monkeypatch, tmp_path / "two.jsonl", *options, "--unrated", unknown)
    assert sorted(both) == ["APPS/1", "APPS/4"]
    with pytest.raises(SystemExit):
        selected(monkeypatch, tmp_path / "three.jsonl", *options, "--unrated", tmp_path / "other.jsonl")


def test_published_data_sets_become_a_verified_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From data-set folders as they are published, by both scripts, to a split that the real grader has judged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    hub = tmp_path / "hub"
    hub.mkdir()
    wrong = apps_row(problem_id=2, question="Wrong.", solutions=["print(0)\n"])
    rows = [apps_row(problem_id=1), wrong, apps_row(problem_id=3, question="Hard.", difficulty="competition")]
    (hub / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    contests = [
        contest_row(name="copy", description="Print the sum of two numbers.\n\nInput\n\nTwo numbers.", cf_rating=800),
        contest_row(name="endless", description="Endless.", cf_rating=900, solutions=python("while True: pass"))
        | {"time_limit": {"seconds": 0, "nanos": 100_000_000}},
        contest_row(name="right", description="Right.", cf_rating=1600),
        contest_row(name="unrated", description="Unrated.", cf_rating=0),
        contest_row(name="rare", description="Rare.", cf_rating=2500),
    ]
    pq.write_table(pa.Table.from_pylist(contests), hub / "train.parquet")
    sources = [tmp_path / "apps.jsonl", tmp_path / "contests.jsonl"]
    for source, name, file in zip(sources, ("apps", "code-contests"), ("train.jsonl", "train.parquet"), strict=True):
        run_main(monkeypatch, import_problems, "--format", name, "--data-set", hub, "--file", file, "--output", source)
    options = ["--levels", "introductory", "--ratings", 800, 1600, "--verify", "--limits", LIMITS, "--workers=2"]
    layers = ["--required-layers", "rlimits", "seccomp", "split_tests"]
    output = tmp_path / "train.jsonl"
    taken = selected(monkeypatch, output, "--sources", *sources, "--range", 0, 1, *options, *layers)
    assert sorted(taken) == ["APPS/1", "codeforces/right"]
    assert all(len(row["tests"]["cases"]) <= 3 for row in read_jsonl(output, "problem"))
    said = capsys.readouterr().err
    for line in (
        "3 left out: its difficulty is not asked for",
        "1 left out: its statement is that of an earlier problem",
        "1 left out: its reference does not pass (failed)",
        "1 left out: its reference does not pass (time_limit)",
        f"{output}: 2 problems\n",
        "graded 4 of 4",
    ):
        assert line in said
    # Verification is lazy: it ends with the count.
    first = selected(monkeypatch, output, "--sources", *sources, "--range", 0, 1, *options[:-1], *layers, "--count=1")
    assert first == taken[:1]


def python(solution: str) -> dict[str, list[Any]]:
    return {"language": [3], "solution": [solution]}


SEVERAL = "Print any number. If there are multiple answers, print any of them."
JURYS, OTHER_TEXT, ANOTHER = "print(1)", "print(3 - 2)", "print(2)"


def test_problems_with_several_answers_are_taken_where_two_solutions_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = {"inputs": ["1"], "outputs": ["1"]}
    solutions = {
        1: [ANOTHER, JURYS, ANOTHER + " ", OTHER_TEXT],
        2: [JURYS, ANOTHER, JURYS + "\n"],
        3: [JURYS],
        4: [ANOTHER],
    }
    rows = [
        apps(number, f"{SEVERAL} {number}.", solutions=printing, input_output=tests)
        for number, printing in solutions.items()
    ]
    # Of a file that nobody imported: white space makes no other program.
    rows[2] |= {"solutions": [JURYS + " ", ANOTHER]}
    rows.append(apps(5, "Print 1.", solutions=[JURYS], input_output=tests))
    # Assert tests know which answers are right.
    code = "def check(candidate):\n    assert candidate(1) in (1, 2)\n"
    checked = {"tests": {"kind": "asserts", "code": code}, "entry_point": "f", "reference": "def f(x): return 2"}
    rows.append(apps(6, f"{SEVERAL} 6.") | checked)
    source, output = tmp_path / "apps.jsonl", tmp_path / "split.jsonl"
    write_jsonl(source, rows, "problem")
    taken = selected(
        monkeypatch, output, f"--sources={source}", "--range", 0, 1, "--verify", f"--limits={LIMITS}", "--workers=2"
    )
    assert sorted(taken) == ["APPS/1", "APPS/5", "APPS/6"]
    written = {row["task_id"]: row for row in read_jsonl(output, "problem")}
    assert written["APPS/1"]["reference"] == JURYS
    assert all("solutions" not in row for row in written.values())
    said = capsys.readouterr().err
    assert "2 left out: its statement allows several answers, on which no two published solutions agree\n" in said
    assert "1 left out: its reference does not pass (failed)\n" in said

    assert sorted(selected(monkeypatch, output, f"--sources={source}", "--range", 0, 1)) == ["APPS/5", "APPS/6"]
    assert "4 left out: its statement allows several answers, and --verify is not given\n" in capsys.readouterr().err


class BrokenGrader:
    """A grader whose sandbox fails at the second program."""

    def grade_each(self, pairs: Any) -> Any:
        next(pairs)
        yield InfrastructureError("no fork")


def test_a_broken_sandbox_is_an_error_and_no_reason_to_leave_a_problem_out(tmp_path: Path) -> None:
    source, left_out = tmp_path / "apps.jsonl", Counter[str]()
    write_jsonl(source, [apps(1), apps(2)])
    candidates = find_candidates([source], rule(0, 1), Seen(), left_out)
    grader: Any = BrokenGrader()
    with pytest.raises(UserError, match="the sandbox failed, no problems were written: no fork"):
        select(candidates, rule(0, 1), None, grader, left_out)
    assert not left_out


def test_nothing_to_take_is_an_error_that_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, output = tmp_path / "apps.jsonl", tmp_path / "split.jsonl"
    write_jsonl(source, [apps(1)])
    output.write_text("old")
    with pytest.raises(UserError, match="no problem is left to write"):
        run_main(
            monkeypatch, select_problems, *SIZES, f"--sources={source}", "--range", 0, 1, "--levels=competition",
            f"--output={output}",
        )  # fmt: skip
    assert output.read_text() == "old"


def test_a_line_that_is_no_problem_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "apps.jsonl"
    write_jsonl(source, [apps(1)])
    for line, message in (("{", r"apps\.jsonl:2: not valid JSON"), ("{}", r"apps\.jsonl:2: .*required")):
        source.write_text(source.read_text().splitlines()[0] + f"\n{line}\n")
        with pytest.raises(UserError, match=message):
            selected(monkeypatch, tmp_path / "out.jsonl", f"--sources={source}", "--range", 0, 1)


def test_candidates_hold_no_problem() -> None:
    # What is kept of every problem of a source: a data set of gigabytes has tens of thousands.
    assert set(Candidate.__dataclass_fields__) == {"number", "source", "offset"}


@pytest.mark.parametrize(
    "options",
    [
        ["--range", "0.5", "0.5"],
        ["--range", "0.5", "1.5"],
        ["--range", "0", "1", "--count=0"],
        ["--range", "0", "1", "--verify"],
        ["--range", "0", "1", "--limits={}"],
    ],
)
def test_options_that_mean_nothing_are_refused(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_main(monkeypatch, select_problems, *SIZES, "--sources=a", *options, "--output=b")


def test_limits_that_are_none_are_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "apps.jsonl"
    write_jsonl(source, [apps(1)])
    for limits, message in (("{", "--limits: not valid JSON"), ('{"cpu": 1}', "--limits: cpu: is no limit")):
        with pytest.raises(UserError, match=message):
            selected(
                monkeypatch, tmp_path / "out.jsonl", f"--sources={source}", "--range", 0, 1, "--verify",
                f"--limits={limits}",
            )  # fmt: skip
