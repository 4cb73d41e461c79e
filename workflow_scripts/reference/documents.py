"""Documents whose numbers are read from the reference tables: templates filled from their CSV files.

A document has one region between ``BEGIN`` and ``END``; the rest of it is written by hand. In a template
``one("carried", of="A0", measure="carried")`` is the only row of tables/carried.csv with these values; a row that is
missing, or is there twice, is an error, so that no sentence can outlive its number; ``rows("claims")`` are all rows.
"""

import csv
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_text
from workflow_scripts.reference.archive import TABLES

BEGIN = "<!-- generated: make documents -->"
END = "<!-- end of what is generated -->"
# Each document and the template of its region, below the project.
DOCUMENTS = {
    "README.md": "docs/templates/result.md.j2",
    "docs/findings.md": "docs/templates/findings.md.j2",
    "docs/gallery.md": "docs/templates/gallery.md.j2",
}
_REGION = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)})", re.DOTALL)

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """The rows of a table's CSV file; what reads as a number is one, an empty cell is None."""
    if not path.is_file():
        raise UserError(f"{path}: is missing; `make reference` writes it")
    with path.open(newline="") as file:
        return [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(file)]


def _value(text: str) -> float | str | None:
    if text == "":
        return None
    try:
        return float(text)
    except ValueError:
        return text


def readers(reference: Path) -> dict[str, Callable[..., Any]]:
    """What templates call: ``rows`` of a table, those ``matching``, ``one``; ``title``, ``names`` of what there is."""
    tables = reference / TABLES

    @functools.cache
    def rows(table: str) -> list[Row]:
        return read_rows(tables / f"{table}.csv")

    def matching(table: str, **conditions: Any) -> list[Row]:
        return [row for row in rows(table) if all(row.get(key) == value for key, value in conditions.items())]

    def one(table: str, **conditions: Any) -> Row:
        found = matching(table, **conditions)
        if len(found) != 1:
            asked = ", ".join(f"{key} = {value!r}" for key, value in conditions.items())
            raise UserError(f"{tables / table}.csv: {len(found)} rows with {asked}; one is needed")
        return found[0]

    def names(folder: str, ending: str) -> list[str]:
        return sorted(path.stem for path in (reference / folder).glob(f"*{ending}"))

    def title(table: str) -> str:
        return read_text(tables / f"{table}.md").partition("\n")[0].lstrip("# ")

    return {"rows": rows, "matching": matching, "one": one, "names": names, "title": title}


def number(value: float, digits: int = 1, signed: bool = False) -> str:
    """A number with so many digits behind the point, never -0."""
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) and not signed else text


def percent(value: float, digits: int = 1) -> str:
    """A fraction in percent, without the sign."""
    return number(100 * value, digits)


def points(value: float, digits: int = 1) -> str:
    """A difference of fractions in percentage points, with its sign."""
    return number(100 * value, digits, signed=True)


def p_value(value: float) -> str:
    """Two digits that count: 0.0005, 0.012, 0.21; below 0.0001 so said."""
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def fill(template: Path, reference: Path) -> str:
    """A template's text with the reference's numbers; a ``UserError`` names the template and what it lacks."""
    environment = Environment(
        loader=FileSystemLoader(template.parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "percent": percent, "points": points, "p": p_value}
    try:
        return environment.get_template(template.name).render(readers(reference)).strip() + "\n"
    except TemplateError as error:
        raise UserError(f"{template}: {error}") from None


def with_region(document: str, region: str, name: str) -> str:
    """The document with this region. Raises ``UserError`` where it does not have exactly one."""
    if len(_REGION.findall(document)) != 1:
        raise UserError(f"{name}: has not exactly one region between {BEGIN!r} and {END!r}")
    return _REGION.sub(lambda _: region, document)
