"""Published tables: what their rows say, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tables.built_tables import published
from workflow_scripts.core.errors import UserError
from workflow_scripts.tables.frame.published import read_published


def changed(folder: Path, name: str, change: dict[str, Any], row: int | None = None) -> Path:
    """A copy of a published table with other fields, its own or a row's."""
    document = yaml.safe_load(Path(f"paper/published/{name}.yaml").read_text(encoding="utf-8"))
    (document if row is None else document["rows"][row]).update(change)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_wave_and_controller_tell_rows_apart():
    rows = {(row.wave, row.name): row.cells for row in published("tab10").rows}
    assert [rows[wave, "A0"]["end_pass_rate"].value for wave in ("W4", "W17")] == [11.8, 20.7]
    interval = rows["W17s", "A3-A0"]["end_pass_rate"].interval
    assert (interval.low, interval.high) == (-4.97, 0.48)
    deployed = next(row.cells for row in published("tab09").rows if row.controller == "ES")
    assert deployed["oracle_steps"].value == 51
    assert "oracle_end" not in deployed


def test_a_contrast_is_of_its_minuend():
    row = next(row for row in published("tab06").rows if row.contrast)
    assert (row.name, row.controller, row.cells["end_pass_rate"].seeds[17]) == ("A3-A0", "A3", 11.1)


def test_a_cell_may_have_another_source_than_its_row():
    cells = published("tab11").rows[0].cells
    assert (cells["peak"].source, cells["end_1"].source) == ("Table 11", "section 5.9")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"columns": {"start": "metres"}}, "metres"), ({"extra": 1}, "extra"), ({"rows": []}, "rows"),
     ({"reads": ["traces"]}, "reads"), ({"columns": {"start": "fraction"}}, "step50: average is no column; name it")],
)  # fmt: skip
def test_a_file_is_held_against_its_schema(tmp_path, change, words):
    with pytest.raises(UserError, match=words):
        read_published(changed(tmp_path, "tab02", change))
    (tmp_path / "tab02.yaml").write_text("rows: [")
    with pytest.raises(UserError, match=r"tab02\.yaml:1: not valid YAML"):
        read_published(tmp_path / "tab02.yaml")


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({"cells": {"main": 150}}, False),
        ({"cells": {"main": {"value": 12.3, "sd": 6.2, "n": 3}}}, True),
        ({"cells": {"main": {"value": 12.3, "sd": -1}}}, False),
        ({"cells": {"main": {"value": 12.3, "note": ""}}}, False),
        ({"cells": {"main": {"value": None, "interval": [1, 2]}}}, True),
        ({"wave": "4"}, False),
        ({"unit": "percent"}, False),
    ],
)
def test_row_forms(tmp_path, change, accepted):
    path = changed(tmp_path, "tab13", change, row=1)
    if accepted:
        read_published(path)
    else:
        with pytest.raises(UserError, match=r"rows\[1\]|rows"):
            read_published(path)


@pytest.mark.parametrize(("value", "accepted"), [(150, True), (-1, False)])
def test_steps_are_bounded_below_alone(tmp_path, value, accepted):
    path = changed(tmp_path, "tab07", {"cells": {"total_steps": value}}, row=0)
    if accepted:
        assert read_published(path).rows[0].cells["total_steps"].value == value
    else:
        with pytest.raises(UserError, match="A0: total_steps: -1 is no value in steps"):
            read_published(path)


def test_a_row_without_a_name_is_refused(tmp_path):
    with pytest.raises(UserError, match="rows: mine has no name; give it a row"):
        read_published(changed(tmp_path, "tab06", {"rows": [{"label": "mine"}]}))
