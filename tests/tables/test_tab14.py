"""Table 14 from made-up evaluations: means and intervals by hand, an untrained model, and what was not run."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.graded_files import end_of, write_grades
from tests.makers.synthetic_statistics import bootstrap_interval
from tests.tables import built_tables
from tests.tables.built_tables import bounds, published, write_files
from workflow_scripts.evaluation.graded_checkpoints import read_graded
from workflow_scripts.evaluation.summarise_evaluations import summarise
from workflow_scripts.statistics.intervals import NO_WIDTH, Bootstrap
from workflow_scripts.tables.frame.records import Record
from workflow_scripts.tables.frame.rendering import to_markdown

THREE = (17, 23, 42)
# Samples of 16 that passed, on each of two problems: A0 at 25, 50 and 62.5 %, A3 at 12.5 % twice.
MAIN = {"A0": {17: (4, 4), 23: (0, 16), 42: (12, 8)}, "A3": {17: (2, 2), 23: (4, 0)}}


def make_evaluations(folder: Path) -> dict[str, Any]:
    paths = [write_grades(folder, "base/32B", "main", [(16, c) for c in (0, 8, 16, 8)])]
    for controller, seeds in MAIN.items():
        for seed, counts in seeds.items():
            paths.append(write_grades(folder, end_of(controller, seed, 5), "main", [(16, c) for c in counts]))
        paths.append(write_grades(folder, end_of(controller, 17, 5), "ood", [(16, 0), (16, 0)]))
        paths.append(write_grades(folder, end_of(controller, 23, 5), "ood", [(16, 0), (16, 0)]))
    groups = {f"W3 {name}": [end_of(name, seed, 5) for seed in THREE] for name in MAIN}
    graded = [read_graded(path) for path in paths]
    return summarise("tiny", {"7B": "tiny-355k", "32B": "tiny-large"}, graded, groups, Bootstrap(0.95, 10**6, 100))


def build(evaluations: dict[str, Any]) -> tuple[list[Record], Any]:
    return built_tables.build("tab14", evaluations=evaluations)


def test_a_group_is_a_mean_over_seeds(tmp_path: Path) -> None:
    records, table = build(make_evaluations(tmp_path))
    record = next(r for r in records if (r.row.name, r.column.name) == ("W3 A0", "main"))
    values = [25.0, 50.0, 62.5]
    assert (record.ours.value, record.ours.n, record.ours.unit) == (pytest.approx(sum(values) / 3), 3, "seed")
    assert bounds(record) == pytest.approx(bootstrap_interval(values))
    assert record.ours.seeds == {17: 25, 23: 50, 42: 62.5}
    assert (record.paper.value, record.paper.interval.low, record.paper.n) == (41.5, 31.6, 3)
    frame = table.panels[0].frame
    ours = frame[frame["Method"] == "A0 naive, 5 campaigns"].iloc[0]
    assert ours["Source"] == "W3 A0, tiny-355k as 7B"
    assert ours["main (%)"] == "45.8 [25.0, 62.5] (n=3)"


def test_an_untrained_model_is_one_checkpoint(tmp_path: Path) -> None:
    """0, 8, 16 and 8 of 16: 50 %, with the interval over its four problems."""
    records, table = build(make_evaluations(tmp_path))
    record = next(r for r in records if (r.row.name, r.column.name) == ("base/32B", "main"))
    assert (record.ours.value, record.ours.n, record.ours.unit, record.ours.n_seeds) == (50, 4, "problem", None)
    assert bounds(record) == pytest.approx(bootstrap_interval([0.0, 50.0, 100.0, 50.0]))
    frame = table.panels[0].frame
    assert frame[frame["Method"] == "untrained, frozen"].iloc[0]["main (%)"].endswith("(n=4 problems)")
    assert "Untrained: exact bootstrap over problems (95 %)." in table.notes


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    records, table = build(make_evaluations(tmp_path))
    status = {(r.row.name, r.column.name): r.status for r in records}
    assert status["W2 B0", "main"] == "not run: B0 of wave W2 is not declared"
    assert status["W3 A0", "cpp_acc"] == "not run: no final checkpoint of W3 A0 is evaluated on cpp"
    assert status["base/32B", "ood_acc"] == "not run: base/32B is not evaluated on ood"
    frame = table.panels[0].frame
    assert frame.iloc[0]["Source"] == "not run: B0 of wave W2 is not declared"
    assert list(frame.iloc[0][2:]) == ["-"] * 3
    for note in (
        f"Left out of W3 A3 on main: {end_of('A3', 42, 5)} is not evaluated.",
        "A0 naive, 5 campaigns, cpp_acc: not run: no final checkpoint of W3 A0 is evaluated on cpp.",
    ):
        assert note in table.notes


def test_notes_on_differences_and_on_intervals_without_spread(tmp_path: Path) -> None:
    """A3-A0 on seeds 17 and 23: 12.5 - 25 and 12.5 - 50, the mean -25; with two pairs no p below 0.5."""
    table = build(make_evaluations(tmp_path))[1]
    notes = table.notes
    words = "W3 A3-A0 on main, seed by seed: -25.0 points [-37.5, -12.5], n=2, sign-flip p 0.500"
    assert any(note.startswith(words) for note in notes)
    ours = table.panels[0].frame.set_index("Method")
    assert {
        (method, quantity.removesuffix(" (%)"))
        for method in ours.index
        for quantity, cell in ours.loc[[method]].iloc[0].items()
        if "]†" in cell
    } == {("A0 naive, 5 campaigns", "ood_acc"), ("A3 CARE v2, 5 campaigns", "ood_acc"),
          ("A3 CARE v2, 5 campaigns", "main")}  # fmt: skip
    assert to_markdown(table).endswith(f"- † {NO_WIDTH}.\n")
    assert "main: 2 problems, 16 samples each or 4 problems" in " ".join(notes)


def test_the_papers_rows_are_all_there() -> None:
    cells = [cell for row in published("tab14").rows for cell in row.cells.values()]
    assert len(cells) == 13
    for cell in cells:
        assert cell.interval.low <= cell.value <= cell.interval.high


def test_command_line_writes_three_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_files("tab14", tmp_path, monkeypatch, evaluations=make_evaluations(tmp_path))
    rows = list(csv.DictReader(files["csv"].splitlines()))
    assert len(rows) == 5 * 3
    assert files["tex"].isascii()
    assert files["md"].startswith("# Table 14. ")
