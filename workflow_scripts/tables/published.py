"""The paper's printed numbers, kept as data in paper/published/ and held against a schema."""

from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.core.yaml_files import read_yaml


def read_published(path: Path | str) -> dict[str, Any]:
    """Read one published table (YAML, values in percent); a broken or invalid file is a ``UserError``."""
    published: dict[str, Any] = read_yaml(path)
    validate(published, "published", source=str(path))
    return published


def published_row(
    published: dict[str, Any],
    role: str,
    controller: str,
    source: Path | str,
    wave: str | None = None,
    metric: str | None = None,
) -> dict[str, Any]:
    """The row of a role and controller; a ``UserError`` names the file (``source``) and the missing row.

    ``wave`` tells rows apart that name one (a row that names none is of every wave), ``metric`` is the row's own.
    """
    wanted = {"role": role, "controller": controller, "wave": wave, "metric": metric}
    return _find(published["rows"], "rows", wanted, source)


def published_difference(
    published: dict[str, Any],
    role: str,
    contrast: str,
    source: Path | str,
    wave: str | None = None,
    metric: str | None = None,
) -> dict[str, Any]:
    """The paired difference of a role, e.g. contrast "A3-A0"; the rest is as for ``published_row``."""
    wanted = {"role": role, "contrast": contrast, "wave": wave, "metric": metric}
    return _find(published["differences"], "differences", wanted, source)


def _find(rows: list[dict[str, Any]], part: str, wanted: dict[str, str | None], source: Path | str) -> dict[str, Any]:
    asked = {key: value for key, value in wanted.items() if value is not None}
    found = [row for row in rows if all(row.get(key, value) == value for key, value in asked.items())]
    if len(found) != 1:
        words = ", ".join(f"{key} {value}" for key, value in asked.items())
        raise UserError(f"{source}: {part}: {len(found)} rows with {words}; write exactly one, as the paper prints it")
    return found[0]
