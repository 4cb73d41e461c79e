"""The paper's printed cells, one by one and each column in its own unit, kept as data in paper/published/."""

from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.core.yaml_files import read_yaml


def read_published_cells(path: Path | str) -> dict[str, Any]:
    """Read one published table (YAML); a broken or invalid file is a ``UserError``."""
    published: dict[str, Any] = read_yaml(path)
    validate(published, "published_cells", source=str(path))
    return published


def published_cell(published: dict[str, Any], row: str, column: str, source: Path | str) -> dict[str, Any]:
    """One printed cell: value, low, high, n, printed, source, note; null where the paper prints nothing.

    ``value`` is a number in the column's unit, or null where the print is words (``printed``). A ``UserError`` names
    the file (``source``) and the row that it lacks, or the column that has no unit.
    """
    found = [entry for entry in published["rows"] if entry["row"] == row]
    if len(found) != 1:
        raise UserError(f"{source}: rows: {len(found)} rows named {row}; write exactly one, as the paper prints it")
    if undeclared := sorted(set(found[0]["cells"]) - set(published["columns"])):
        raise UserError(f"{source}: rows: {row}: {undeclared[0]} is no column; name it and its unit under columns")
    cell = found[0]["cells"].get(column)
    if cell is None:
        return dict.fromkeys(("value", "low", "high", "n", "printed", "source", "note"))
    if isinstance(cell, str):
        cell = {"value": None, "printed": cell}
    elif not isinstance(cell, dict):
        cell = {"value": cell}
    low, high = cell.get("interval", (None, None))
    return {
        "value": cell["value"],
        "low": low,
        "high": high,
        "n": cell.get("n"),
        "printed": cell.get("printed"),
        "source": cell.get("source", found[0]["source"]),
        "note": cell.get("note"),
    }
