"""What holds for every table: its published file, waves that are missing, and its three files."""

import csv
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.makers.synthetic_statistics import bootstrap_interval, make_statistics, sign_flip
from tests.tables.built_tables import (
    TABLES,
    assert_sound_latex,
    bounds,
    build,
    make_waves,
    published,
    script,
    write_files,
)
from workflow_scripts.core.errors import UserError
from workflow_scripts.tables import tab09
from workflow_scripts.tables.frame.command_line import Inputs, index_by_wave
from workflow_scripts.tables.frame.records import Column

OF_WAVES = [name for name in TABLES if "statistics" in published(name).reads]
OF_ESTIMATES = [name for name in OF_WAVES if hasattr(script(name), "TABLE")]
OF_CELLS = [name for name in OF_WAVES if name not in OF_ESTIMATES]
DECLARED = yaml.safe_load(Path("config.yaml").read_text(encoding="utf-8"))["waves"]


def aligned(markdown: str) -> bool:
    blocks = [[line for line in block.splitlines() if line.startswith("|")] for block in markdown.split("\n\n")]
    return all(len({len(line) for line in block}) <= 1 for block in blocks)


@pytest.mark.parametrize("name", TABLES)
def test_the_published_file_has_the_tables_number_and_waves_that_are_declared(name):
    declared = published(name)
    assert name == ("appendix_b" if declared.table == "B" else f"tab{declared.table:02d}")
    assert {name for row in declared.rows for name in row.cells} == set(declared.columns)
    for wave, role in declared.roles.items():
        assert DECLARED[wave]["model"] == role
    for row in declared.rows:
        assert not row.wave or row.controller in DECLARED[row.wave]["controllers"]


@pytest.mark.parametrize("name", OF_WAVES)
def test_every_published_number_stands_beside_one_of_ours_in_its_unit(name):
    records, table = build(name)
    shown = [record for record in records if record.is_printed]
    for row in published(name).rows:
        for column, printed in row.cells.items():
            (record,) = [record for record in shown if (record.row, record.column.name) == (row, column)]
            assert record.paper == printed
            assert record.row.contrast or record.column.unit == published(name).columns[column]
    notes = " ".join(table.notes)
    assert all(record.paper.note in notes for record in shown if record.paper.note)


@pytest.mark.parametrize("name", OF_WAVES)
def test_without_any_wave_every_cell_says_why(name, tmp_path, monkeypatch):
    records, table = build(name, {})
    assert all(re.match("not run: |not applicable", record.status) for record in records)
    assert any(record.is_printed for record in records)
    assert not any(re.match(r"Left out of|No chain|W\d", note) for note in table.notes)
    assert "not run" in write_files(name, tmp_path, monkeypatch)["md"]


@pytest.mark.parametrize("name", OF_CELLS)
def test_a_cell_without_its_wave_names_it(name):
    records, _ = build(name, {})
    assert all(record.status == f"not run: no statistics of wave {record.row.wave}" for record in records)


@pytest.mark.parametrize("name", [name for name in OF_ESTIMATES if name not in ("tab12", "tab13")])
def test_with_all_waves_every_number_is_that_of_its_seeds(name):
    records, table = build(name)
    assert {record.status for record in records} <= {"measured", "not applicable"}
    for record in [record for record in records if record.is_measured]:
        values = list(record.ours.seeds.values())
        assert record.ours.value == pytest.approx(sum(values) / len(values))
        assert bounds(record) == pytest.approx(bootstrap_interval(values))
        assert (record.ours.n, record.ours.unit) == (len(values), "seed")
        if record.row.contrast:
            assert record.ours.sign_flip.p == sign_flip(values)["p_value"]
    assert table.panels[-1].title.startswith("Every seed's value") == script(name).TABLE.every_seed
    notes = " ".join(table.notes)
    assert "resampling unit is the seed" in notes
    assert "A3 seed 99 campaign 4: loss was NaN_at 50% of its steps." in notes
    assert all(f"{wave}" in notes for wave in published(name).roles)


@pytest.mark.parametrize("name", OF_WAVES)
def test_command_line_writes_sound_files_and_repeats_them(name, tmp_path, monkeypatch):
    waves = make_waves(name)
    first, second = (write_files(name, tmp_path, monkeypatch, waves) for _ in range(2))
    assert first == second
    assert_sound_latex(first["tex"])
    assert aligned(first["md"])
    for panel in build(name, waves)[1].panels:
        assert len(re.sub(r"p\{[^}]*\}", "p", panel.column_format)) == len(panel.frame.columns), panel.title
    rows = list(csv.DictReader(first["csv"].splitlines()))
    assert len(rows) == len(build(name, waves)[0])
    notes = first["md"].rpartition("\n\n")[2]
    assert re.search(rf"^- Paper: Table {published(name).table}, (section|appendix)", notes, flags=re.MULTILINE)
    for role in set(published(name).roles.values()):
        assert f"tiny-qwen2-404k (354,816 parameters) stands in for the paper's {role} model" in notes
    assert "Left out of" in notes  # the chain that the synthetic statistics exclude
    if name in OF_CELLS:
        assert {row["status"] for row in rows} <= {"measured", "undefined"}
        assert all(row["model"] == "tiny-qwen2-404k" for row in rows)
    else:
        assert ("sd" in rows[0]) == ("published_sd" in rows[0]) == script(name).TABLE.spread


def test_a_quantity_that_the_statistics_do_not_have_is_not_run():
    inputs, row = Inputs(published("tab09"), make_waves("tab09")), published("tab09").rows[0]
    found = tab09.measure(inputs, row, Column("x", "x"))
    assert found == "not run: x is not among the statistics of wave W4"


def test_a_wave_twice_or_without_a_row_is_refused():
    wave = make_statistics("W4", seeds=(7,), campaigns=1)
    with pytest.raises(UserError, match="W4 is given twice"):
        index_by_wave([wave, wave], published("tab08"))
    other = make_statistics("W8", seeds=(7,), campaigns=1)
    with pytest.raises(UserError, match=r"W8 in the role of 7B has no row in Table 6; it takes W7 \(role 3B\)"):
        index_by_wave([other], published("tab06"))
    with pytest.raises(UserError, match=r"W4 in the role of 3B has no row in Table 7"):
        index_by_wave([make_statistics("W4", "3B", (7,), 1)], published("tab07"))


def test_a_file_that_the_table_does_not_read_is_refused(monkeypatch):
    outputs = [f"--output-{ending}=x" for ending in ("csv", "md", "tex")]
    words = ["tab06", "--published=paper/published/tab06.yaml", "--evaluations", "evaluations.json", *outputs]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(UserError, match="--evaluations: Table 6 does not read it, but statistics"):
        script("tab06").main()
