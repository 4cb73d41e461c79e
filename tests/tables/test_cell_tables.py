"""What holds for every table of cells: its files, its LaTeX, and the paper's numbers as data."""

import csv
import importlib
import sys
from pathlib import Path

import pytest
import yaml

from tests.tables.sound_latex import assert_sound_latex
from tests.tables.synthetic_statistics import make_statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.tables.cell_records import Column, number_text
from workflow_scripts.tables.published_cells import published_cell, read_published_cells
from workflow_scripts.tables.wave_statistics import index_by_wave

WAVES = {
    1: {"W01": ("A0",), "W01ewc": ("A0",), "W01adaptive": ("A0",)},
    2: {"W0": ("A0",), "W02at50": ("A0",), "W02at100": ("A0",), "W02at150": ("A0",)},
    7: {"W4": ("A0", "A3")},
    8: {"W4": ("A0", "A3"), "W104": ("A0", "NULL", "SHORT")},
    11: {"W4": ("A0", "A3"), "W17": ("A0", "A3"), "W104": ("A0", "NULL", "SHORT")},
    16: {"W4": ("A0", "A3"), "W104": ("A0", "NULL", "SHORT")},
}
CAMPAIGNS = {1: 3, 2: 1}
FURTHER = {2: ["--collapse-ratio", "0.3"]}
ENDINGS = ("csv", "md", "tex")


def published_path(number: int) -> Path:
    return Path(f"paper/published/table{number:02d}.yaml")


def make_files(number: int, waves: dict, folder: Path, monkeypatch) -> dict[str, str]:
    """The table's three files as text, by ending, from its command line."""
    paths = []
    for wave, controllers in waves.items():
        seeds = (7,) if number in CAMPAIGNS else (7, 11, 17)
        statistics = make_statistics(wave, "7B", seeds, CAMPAIGNS.get(number, 4), controllers=controllers)
        paths.append(folder / f"{wave}.json")
        write_json(paths[-1], statistics, "statistics")
    outputs = {ending: folder / f"tab{number:02d}.{ending}" for ending in ENDINGS}
    arguments = [f"tab{number:02d}", "--statistics", *map(str, paths), "--published", str(published_path(number))]
    for ending, path in outputs.items():
        arguments += [f"--output-{ending}", str(path)]
    monkeypatch.setattr(sys, "argv", arguments + FURTHER.get(number, []))
    importlib.import_module(f"workflow_scripts.tables.tab{number:02d}").main()
    return {ending: path.read_text(encoding="utf-8") for ending, path in outputs.items()}


@pytest.mark.parametrize("number", WAVES)
def test_command_line_writes_sound_files_and_repeats_them(number, tmp_path, monkeypatch):
    first, second = (make_files(number, WAVES[number], tmp_path, monkeypatch) for _ in range(2))
    assert first == second
    assert_sound_latex(first["tex"])
    rows = list(csv.DictReader(first["csv"].splitlines()))
    assert {row["status"] for row in rows} <= {"measured", "undefined"}
    assert all(row["model"] == "tiny-qwen2-355k" for row in rows)
    for block in first["md"].split("\n\n"):
        assert len({len(line) for line in block.splitlines() if line.startswith("|")}) <= 1
    notes = first["md"].rpartition("\n\n")[2]
    assert f"- Paper: Table {number}, section" in notes
    assert "tiny-qwen2-355k (354,816 parameters) stands in for the paper's 7B model" in notes
    assert "Left out of" in notes  # the chain that the synthetic statistics exclude


@pytest.mark.parametrize("number", WAVES)
def test_without_any_wave_every_row_says_why(number, tmp_path, monkeypatch):
    files = make_files(number, {}, tmp_path, monkeypatch)
    rows = list(csv.DictReader(files["csv"].splitlines()))
    assert {row["status"] for row in rows} == {f"not run: no statistics of wave {row['wave']}" for row in rows}
    assert any(row["published_value"] for row in rows)
    assert "not run: no statistics of wave" in files["md"]


@pytest.mark.parametrize("number", [*WAVES, 3, 18])
def test_published_file_is_valid_and_its_units_are_the_tables(number):
    published = read_published_cells(published_path(number))
    assert published["table"] == number
    names = {name for row in published["rows"] for name in row["cells"]}
    assert names == set(published["columns"])
    table = importlib.import_module(f"workflow_scripts.tables.tab{number:02d}")
    declared = [value for value in vars(table).values() if isinstance(value, tuple)]
    columns = [column for value in declared for column in value if isinstance(column, Column)]
    differences = {id(column) for column in getattr(table, "DIFFERENCES", ())}
    for column in columns:
        if column.name in published["columns"] and id(column) not in differences:
            assert column.unit == published["columns"][column.name]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"columns": {"start": "metres"}}, "metres"), ({"extra": 1}, "extra"), ({"rows": []}, "rows")],
)
def test_published_cells_are_held_against_their_schema(tmp_path, change, words):
    path = tmp_path / "table02.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(published_path(2).read_text()) | change))
    with pytest.raises(UserError, match=words):
        read_published_cells(path)
    path.write_text("rows: [")
    with pytest.raises(UserError, match=r"table02\.yaml:1: not valid YAML"):
        read_published_cells(path)


def test_a_published_row_or_column_that_is_missing_is_named():
    published = read_published_cells(published_path(2))
    with pytest.raises(UserError, match=r"table02\.yaml: rows: 0 rows named step10"):
        published_cell(published, "step10", "start", published_path(2))
    del published["columns"]["average"]
    with pytest.raises(UserError, match="step50: average is no column"):
        published_cell(published, "step50", "start", published_path(2))


def test_a_wave_twice_or_without_a_row_is_refused():
    wave = make_statistics("W4", seeds=(7,), campaigns=1)
    with pytest.raises(UserError, match="W4 is given twice"):
        index_by_wave([wave, wave], {"W4": "7B"}, 8)
    with pytest.raises(UserError, match=r"W4 in the role of 7B has no row in Table 8; it takes W7 \(role 3B\)"):
        index_by_wave([wave], {"W7": "3B"}, 8)


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [(0.3427, 3, False, "0.343"), (2.0, 1, True, "+2.0"), (-0.004, 2, True, "+0.00"), (36.4, 0, False, "36"),
     (None, 2, False, "n/a")],
)  # fmt: skip
def test_number_text(value, digits, signed, text):
    assert number_text(value, Column("x", "x", "fraction", digits, signed)) == text
