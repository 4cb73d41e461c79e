"""Files of imported problems, which can be gigabytes: read line by line, or one line again at its place."""

import json
from collections.abc import Iterator
from pathlib import Path

from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import NESTED_TOO_DEEP
from workflow_scripts.core.schemas import validate


def read_problems(path: Path) -> Iterator[tuple[int, Problem]]:
    """Each problem of a JSON Lines file with the byte at which its line begins.

    Raises UserError, with the line's number, where a line is no problem (problem.schema.json).
    """
    offset = 0
    with path.open("rb") as handle:
        # Bytes, so that only a line feed ends a line.
        for number, line in enumerate(handle, start=1):
            if line.strip():
                yield offset, _problem(line, f"{path}:{number}")
            offset += len(line)


def read_problem_at(path: Path, offset: int) -> Problem:
    """The problem whose line begins at this byte."""
    with path.open("rb") as handle:
        handle.seek(offset)
        return _problem(handle.readline(), f"{path} at byte {offset}")


def _problem(line: bytes, place: str) -> Problem:
    try:
        problem: Problem = json.loads(line)
    except ValueError as error:  # JSON that is none, bytes that are not UTF-8, numbers with too many digits
        raise UserError(f"{place}: not valid JSON: {error}") from None
    except RecursionError:
        raise UserError(f"{place}: not valid JSON: {NESTED_TOO_DEEP}") from None
    validate(problem, "problem", source=place)
    return problem
