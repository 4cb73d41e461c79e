"""Table 15 against the audit done a second time, straight from counts of samples."""

import csv
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.graded_files import end_of
from tests.tables import built_tables
from tests.tables.built_tables import published, write_files
from tests.tables.evaluated_waves import PROBLEMS, SAMPLES, SEEDS, Passed, evaluate, random_counts, w4_groups
from workflow_scripts.statistics.intervals import exact_bootstrap
from workflow_scripts.tables.frame.rendering import to_latex
from workflow_scripts.tables.tab15 import disagreement


def build(evaluations: dict[str, Any]) -> tuple[list[Any], Any]:
    return built_tables.build("tab15", evaluations=evaluations)


def total(passed: Passed, controller: str, seed: int, split: str) -> int:
    return sum(passed[controller, seed, split])


def audit(passed: Passed, seed: int) -> str:
    """The rule once more, in whole numbers: every problem has as many samples, so pass@1 orders as totals do."""
    first, second = (total(passed, "A3", seed, split) - total(passed, "A0", seed, split) for split in ("main", "cpp"))
    if first * second == 0:
        return "tie"
    return "no" if (first > 0) == (second > 0) else "yes"


@pytest.mark.parametrize("draw", range(6))
def test_the_audit_recomputed(tmp_path: Path, draw: int) -> None:
    passed = random_counts(draw)
    # One seed with equal totals from different problems: a tie, whatever rounding does to the means.
    passed["A3", 11, "main"] = passed["A0", 11, "main"][::-1]
    records, table = build(evaluate(tmp_path, passed, w4_groups()))
    cells = {(record.row.name, record.column.name): record for record in records}
    expected = {seed: audit(passed, seed) for seed in SEEDS}
    assert expected[11] == "tie"
    assert {seed: cells[f"seed {seed}", "disagree"].ours.text for seed in SEEDS} == expected
    for seed in SEEDS:
        for controller in ("A0", "A3"):
            for name, split in (("main", "main"), ("cpp_acc", "cpp")):
                value = Fraction(100 * total(passed, controller, seed, split), PROBLEMS * SAMPLES)
                assert cells[f"seed {seed}", f"{controller}_{name}"].ours.value == pytest.approx(float(value))
    marks = list(expected.values())
    words = f"Ours: {marks.count('yes')} of {4 - marks.count('tie')} seeds with two winners disagree, "
    assert any(note.startswith(words + f"{marks.count('tie')} more are ties (paper: 1 of 4)") for note in table.notes)


def test_both_answers_occur_among_the_draws() -> None:
    found = {audit(random_counts(draw), seed) for draw in range(6) for seed in SEEDS}
    assert {"yes", "no"} <= found


@pytest.mark.parametrize(
    ("main", "cpp", "answer"),
    [(0.1, 0.2, "no"), (-0.1, 0.2, "yes"), (-0.1, -0.2, "no"), (0.0, 0.2, "tie"), (0.1, 1e-17, "tie")],
)
def test_the_rule(main: float, cpp: float, answer: str) -> None:
    assert disagreement({"main": main, "cpp_acc": cpp}) == answer


def test_the_papers_marks_follow_from_its_numbers_by_the_rule() -> None:
    rows = [row.cells for row in published("tab15").rows if "A0_main" in row.cells]
    differences = [
        {name: row[f"A3_{name}"].value - row[f"A0_{name}"].value for name in ("main", "cpp_acc")} for row in rows
    ]
    assert (
        [disagreement(one) for one in differences]
        == [row["disagree"].text for row in rows]
        == ["no", "yes", "no", "no"]
    )


@pytest.mark.parametrize(("controller", "mean", "interval"), [("A0", 11.8, (5.2, 18.3)), ("A3", 13.8, (2.8, 27.3))])
def test_the_papers_main_is_table_6(controller: str, mean: float, interval: tuple[float, float]) -> None:
    """What the comment in the published table says: seed 42 from the mean, then the interval from all five."""
    rows = [row.cells for row in published("tab15").rows if "A0_main" in row.cells]
    four = [row[f"{controller}_main"].value for row in rows]
    last = 5 * mean - sum(four)
    assert last == pytest.approx({"A0": 21.9, "A3": 22.6}[controller])
    assert exact_bootstrap([*four, last], 0.95) == pytest.approx(interval, abs=0.1)


def test_beyond_problem_noise_needs_an_interval_without_zero(tmp_path: Path) -> None:
    """On main A3 solves everything and A0 nothing; on cpp each solves what the other does not."""
    passed = {(name, 7, "main"): [16 * (name == "A3")] * PROBLEMS for name in ("A0", "A3")}
    passed |= {(name, 7, "cpp"): [16 * ((name == "A3") == (at < 6)) for at in range(PROBLEMS)] for name in ("A0", "A3")}
    frame = (
        build(evaluate(tmp_path, passed, {f"W4 {name}": [end_of(name, 7)] for name in ("A0", "A3")}))[1].panels[0].frame
    )
    row = frame[frame["Seed"] == "7"].iloc[0]
    assert (row["main A0 / A3 (%)"], row["cpp_acc A0 / A3 (%)"]) == ("0.0 / 100.0", "50.0 / 50.0")
    assert (row["Disagree"], row["Beyond problem noise"]) == ("tie", "main")


def test_a_dimension_at_its_floor_is_named(tmp_path: Path) -> None:
    passed = random_counts(1) | {(name, seed, "cpp"): [0] * PROBLEMS for name in ("A0", "A3") for seed in SEEDS}
    notes = build(evaluate(tmp_path, passed, w4_groups()))[1].notes
    assert "cpp_acc is 0 in every audited checkpoint: a dimension at its floor ranks nothing." in notes
    assert any(note.startswith("Ours: 0 of 0 seeds with two winners disagree, 4 more are ties") for note in notes)


def test_what_was_not_evaluated_says_so(tmp_path: Path) -> None:
    """Seed 23's A3 has no cpp; seed 42 is the paper's alone."""
    passed = random_counts(2)
    del passed["A3", 23, "cpp"]
    frame = build(evaluate(tmp_path, passed, w4_groups()))[1].panels[0].frame
    sources = dict(zip(frame["Seed"], frame["Source"], strict=True))
    assert sources["23"] == "not run: W4 A3 on cpp is not evaluated"
    assert sources["42"] == "not run: seed 42 is not declared"
    assert sources["7"] == "W4, tiny-355k as 7B"


@pytest.mark.parametrize(
    ("groups", "splits", "words"),
    [
        ({}, ("main",), "not run: A0 and A3 of wave W4 are not declared"),
        (w4_groups(), ("main",), "not run: split cpp is not evaluated"),
    ],
)
def test_nothing_to_audit(tmp_path: Path, groups: Any, splits: tuple[str, ...], words: str) -> None:
    records, table = build(evaluate(tmp_path, random_counts(3, splits), groups))
    assert {record.status for record in records if record.row.name == "seed 7"} == {words}
    assert set(table.panels[0].frame["Disagree"]) == {"-", "no", "yes", "not audited"}


def test_command_line_writes_three_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluations = evaluate(tmp_path, random_counts(0), w4_groups())
    files = write_files("tab15", tmp_path, monkeypatch, evaluations=evaluations)
    rows = list(csv.DictReader(files["csv"].splitlines()))
    assert len(rows) == 5 * 7
    seven = {row["quantity"]: row for row in rows if row["seed"] == "7"}
    assert (seven["A3_main"]["published_value"], seven["disagree"]["published_printed"]) == ("2.5", "no")
    assert seven["difference_main"]["method"] == "resampled bootstrap over problems"
    tex = files["tex"]
    assert tex.isascii()
    assert not re.search(r"(?<!\\)_", tex)
    assert tex == to_latex(build(evaluations)[1])
