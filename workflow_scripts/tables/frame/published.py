"""A table as paper/published/ declares it: its rows, the chains that each is of, and what the paper prints there."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.core.yaml_files import read_yaml
from workflow_scripts.tables.frame.records import Estimate, Interval, Row

# What a number may be in a unit; in any other, 0 or more.
BOUNDS = {"percent": (-100, 100), "points": (-100, 100), "fraction": (0, 1)}


@dataclass(frozen=True)
class Published:
    """A file of paper/published/. ``reads`` and ``settings`` are what rules/tables.smk gives to ``script``."""

    table: int | str
    title: str
    section: str
    interval: str | None
    columns: Mapping[str, str]
    rows: Sequence[Row]
    reads: Sequence[str]
    settings: Sequence[str] = ()
    script: str | None = None

    @property
    def roles(self) -> dict[str, str]:
        """The waves that the table has rows of, each with the role of its model."""
        return {row.wave: str(row.role) for row in self.rows if row.wave is not None}


def read_published(path: Path | str) -> Published:
    """Read one published table (YAML); a broken or invalid file is a ``UserError``."""
    declared: dict[str, Any] = read_yaml(path)
    validate(declared, "published", source=str(path))
    rows = [_row(entry, declared["columns"], f"{path}: rows") for entry in declared["rows"]]
    return Published(**(declared | {"rows": rows}))


def _row(entry: dict[str, Any], columns: Mapping[str, str], place: str) -> Row:
    contrast, controller = entry.get("contrast"), entry.get("controller")
    name = entry.get("row", contrast or controller)
    if name is None:
        raise UserError(f"{place}: {entry.get('label')} has no name; give it a row, a controller or a contrast")
    cells = {}
    for column, given in entry.get("cells", {}).items():
        cell = _cell(given, entry["source"])
        low, high = BOUNDS.get(columns.get(column, ""), (0, math.inf))
        if column not in columns:
            raise UserError(f"{place}: {name}: {column} is no column; name it and its unit under columns")
        if cell.value is not None and not low <= cell.value <= high:
            raise UserError(f"{place}: {name}: {column}: {cell.value} is no value in {columns[column]}")
        cells[column] = cell
    if contrast:
        controller = contrast.partition("-")[0]
    return Row(name, entry.get("label", ""), entry.get("role"), entry.get("wave"), controller, contrast, cells)


def _cell(given: Any, source: str) -> Estimate:
    if isinstance(given, str):
        return Estimate(text=given, source=source)
    if not isinstance(given, dict):
        return Estimate(given, source=source)
    seeds = given.get("seeds", {"values": [], "source": None})
    return Estimate(
        given["value"],
        given.get("printed"),
        given.get("sd"),
        given.get("n"),
        interval=Interval(*given.get("interval", ())),
        seeds={entry["seed"]: entry["value"] for entry in seeds["values"]},
        seeds_source=seeds["source"],
        source=given.get("source", source),
        note=given.get("note"),
    )
