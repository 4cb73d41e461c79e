"""What the paper prints: the tables of paper/published/ and the claims of paper/claims.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest
from workflow_scripts.core.yaml_files import read_yaml
from workflow_scripts.tables.frame.published import Published, read_published
from workflow_scripts.tables.frame.records import Estimate, Row

_KEYS = {"value", "values", "source", "says"}


@dataclass(frozen=True)
class Claim:
    """A number of the paper's text, or several; ``text`` keeps the digits that are printed."""

    name: str
    source: str
    says: str
    values: Sequence[float]
    text: str

    @property
    def value(self) -> float:
        """The one value of a claim."""
        return self.values[0]


@dataclass(frozen=True)
class Printed:
    """Everything that is printed, by table and by name of the claim."""

    tables: Mapping[str, Published]
    claims: Mapping[str, Claim]
    read: set[tuple[str, str]] = field(default_factory=set)  # (table, row) of what a check has looked at

    def cell(self, table: str, label: str, column: str, role: str = "7B") -> Estimate:
        """A printed cell; a ``UserError`` where paper/published/ has none."""
        for row in self.tables[table].rows:
            if (row.label, row.role) == (label, role) and column in row.cells:
                self.read.add((table, name_of(row)))
                return row.cells[column]
        raise UserError(f"paper/published/{table}.yaml: rows: {label} ({role}) has no {column}")

    def value(self, table: str, label: str, column: str, role: str = "7B") -> float:
        """The value of a printed cell."""
        value = self.cell(table, label, column, role).value
        if value is None:
            raise UserError(f"paper/published/{table}.yaml: rows: {label} ({role}): {column} has no value")
        return value

    def interval(self, table: str, label: str, column: str, role: str = "7B") -> tuple[float, float]:
        """The bounds of a printed cell."""
        bounds = self.cell(table, label, column, role).interval
        if bounds.low is None or bounds.high is None:
            raise UserError(f"paper/published/{table}.yaml: rows: {label} ({role}): {column} has no interval")
        return bounds.low, bounds.high

    def count(self, table: str, label: str, column: str, role: str = "7B") -> int:
        """The n of a printed cell."""
        n = self.cell(table, label, column, role).n
        if n is None:
            raise UserError(f"paper/published/{table}.yaml: rows: {label} ({role}): {column} has no n")
        return n

    def unread(self) -> list[str]:
        """Rows with printed numbers that no check has looked at, by table."""
        rows = [(table, name_of(row)) for table, own in self.tables.items() for row in own.rows if row.cells]
        return [f"{table}: {row}" for table, row in rows if (table, row) not in self.read]


def name_of(row: Row) -> str:
    """How findings call a row: its label and role, or its name where it has none."""
    return f"{row.label} ({row.role})" if row.label else row.name


def read_printed(published: Sequence[Path], claims: Path) -> Printed:
    """Read both; a broken file is a ``UserError`` that names file and key."""
    tables = {path.stem: read_published(path) for path in published}
    declared: dict[str, Any] = read_yaml(claims)
    return Printed(tables, {name: _claim(name, own, claims) for name, own in declared.items()})


def _claim(name: str, own: Any, path: Path) -> Claim:
    if not isinstance(own, dict) or not {"source", "says"} <= own.keys() or ("value" in own) == ("values" in own):
        raise UserError(f"{path}: {name}: needs source, says, and either value or values")
    if unknown := own.keys() - _KEYS:
        raise UserError(f"{path}: {name}: {min(unknown)}: unknown key; {nearest(min(unknown), _KEYS)}")
    given = own.get("values", [own.get("value")])
    try:
        values = [float(value) for value in given]
    except (TypeError, ValueError):
        raise UserError(f"{path}: {name}: {given!r} is no number, or no list of numbers") from None
    return Claim(name, own["source"], own["says"], values, ", ".join(map(str, given)))
