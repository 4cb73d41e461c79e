"""Turn a published data set of programming problems into the project's problems (core/schemas/problem.schema.json).

Rows that the schema cannot hold, and rows whose tests could not tell programs apart, are left out, each named on
standard error with the reason. Of APPS, published solutions run in the grader's sandbox where only they can tell what a
function's answers look like.
"""

import argparse
import functools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_path
from workflow_scripts.core.processes import require_writable
from workflow_scripts.core.published_rows import (
    NotExpressible,
    PublishedRow,
    data_set_file,
    load_rows,
    read_rows,
)
from workflow_scripts.core.schemas import validate
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError
from workflow_scripts.grading.limit_options import DEFAULT_LAYERS, limits_of_json
from workflow_scripts.problems.formats.contest_formats import apps, code_contests
from workflow_scripts.problems.formats.human_eval_formats import human_eval, human_eval_x_cpp, human_eval_xl
from workflow_scripts.problems.formats.mbpp_format import mbpp
from workflow_scripts.problems.formats.published_problem import Convert, ProgrammingLanguage

_ONE_LANGUAGE: dict[str, Convert] = {
    "humaneval": human_eval,
    "humaneval-xl": human_eval_xl,
    "humaneval-x-cpp": human_eval_x_cpp,
    "mbpp": mbpp,
}
_EITHER_LANGUAGE = ("apps", "code-contests")
MAX_SOLUTIONS = 10
FORMATS = (*_ONE_LANGUAGE, *_EITHER_LANGUAGE)


@dataclass(frozen=True)
class LeftOut:
    """A row that became no problem: where it stands and why."""

    place: str
    reason: str


def converter(
    format_name: str,
    language: ProgrammingLanguage = "python",
    max_solutions: int = MAX_SOLUTIONS,
    grader: CodeGrader | None = None,
) -> Convert:
    """How a row of a format becomes a problem; ``language`` chooses the side of formats that have several.

    ``max_solutions`` published solutions are tried or kept where a problem needs more than one. Without a ``grader``,
    what only a published solution could tell is guessed.
    """
    if format_name == "apps":
        return functools.partial(apps, language=language, max_solutions=max_solutions, grader=grader)
    if format_name == "code-contests":
        return functools.partial(code_contests, language=language, max_solutions=max_solutions)
    return _ONE_LANGUAGE[format_name]


def import_rows(rows: Iterable[PublishedRow], convert: Convert) -> Iterator[Problem | LeftOut]:
    """Each row as a problem that fits the schema, or why it is left out, in order.

    Raises UserError where a row is not of the format at all.
    """
    known = set()
    for row in rows:
        try:
            problem = convert(row)
            _require_json(problem)
        except NotExpressible as reason:
            yield LeftOut(row.place, str(reason))
            continue
        if problem["task_id"] in known:
            yield LeftOut(row.place, f"its task_id {problem['task_id']!r} is that of an earlier row")
            continue
        known.add(problem["task_id"])
        validate(problem, "problem", source=row.place)
        yield problem


def _require_json(problem: Problem) -> None:
    try:
        _line(problem).encode()
    except UnicodeEncodeError:
        raise NotExpressible("it holds half of a surrogate pair, which is no character") from None
    except ValueError as error:
        raise NotExpressible(f"it holds a number that JSON does not have: {error}") from None


def _line(problem: Problem) -> str:
    return json.dumps(problem, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def write_problems(path: Path, imported: Iterable[Problem | LeftOut], limit: int | None) -> None:
    """Write the first ``limit`` problems (None: all) as JSON Lines and report on standard error.

    Raises UserError where there is none; the file then keeps its old content.
    """
    written, reasons = 0, Counter[str]()
    # Line by line: a contest data set's tests do not fit into memory.
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as handle:
        for item in imported:
            if isinstance(item, LeftOut):
                reasons[item.reason] += 1
                print(f"left out: {item.place}: {item.reason}", file=sys.stderr)
                continue
            handle.write(_line(item))
            written += 1
            if written == limit:
                break
        if not written:
            raise UserError(f"{path}: no problem to write: {_summary(written, reasons)}")
    print(f"{path}: {_summary(written, reasons)}", file=sys.stderr)


def _summary(written: int, reasons: Counter[str]) -> str:
    counts = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
    return f"{written} problems, {reasons.total()} rows left out" + (f": {counts}" if counts else "")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--format", required=True, choices=FORMATS, help="the form in which the rows are published")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--input", type=Path, help=".jsonl, .jsonl.gz, .json (a list) or .parquet file")
    source.add_argument("--data-set", metavar="NAME", help="data set on the Hugging Face hub, or its local folder")
    parser.add_argument(
        "--file", metavar="PATH", help="with --data-set: take this one file of its repository, such as train.jsonl"
    )
    parser.add_argument("--config", help="with --data-set: its configuration, such as sanitized or python")
    parser.add_argument("--split", help="with --data-set: its split (default: test; of humaneval-xl: Chinese, ...)")
    parser.add_argument("--revision", help="with --data-set: the commit to take it at")
    parser.add_argument(
        "--language", choices=("python", "cpp"), help="of apps and code-contests: what to solve it in (default: python)"
    )
    parser.add_argument(
        "--max-solutions",
        type=int,
        metavar="N",
        help="of apps and code-contests: published solutions that are tried, or kept beside the reference, where a "
        f"problem needs more than one (default: {MAX_SOLUTIONS})",
    )
    parser.add_argument("--limits", metavar="JSON", help="of apps: the sandbox's limits as a JSON object")
    parser.add_argument(
        "--required-layers",
        nargs="*",
        metavar="LAYER",
        help=f"of apps: layers of isolation that must be active (default: {' '.join(DEFAULT_LAYERS)})",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="write the first N problems only")
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    arguments = parser.parse_args()
    if arguments.input is not None and (arguments.file or arguments.config or arguments.split or arguments.revision):
        parser.error("--file, --config, --split and --revision belong to --data-set")
    if arguments.file and (arguments.config or arguments.split):
        parser.error("--file: a file has neither --config nor --split")
    if arguments.language and arguments.format not in _EITHER_LANGUAGE:
        parser.error(f"--language: {arguments.format} has one language")
    if arguments.max_solutions is not None and arguments.format not in _EITHER_LANGUAGE:
        parser.error(f"--max-solutions: {arguments.format} has one solution")
    if arguments.format != "apps" and (arguments.limits is not None or arguments.required_layers is not None):
        parser.error(f"--limits, --required-layers: no program of {arguments.format} is run")
    for option in ("limit", "max_solutions"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            parser.error(f"--{option.replace('_', '-')}: {value} is not at least 1")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    require_writable(arguments.output.parent)
    if arguments.input is not None:
        rows = read_rows(arguments.input)
    elif arguments.file is not None:
        rows = read_rows(data_set_file(arguments.data_set, arguments.file, arguments.revision))
    else:
        rows = load_rows(arguments.data_set, arguments.config, arguments.split or "test", arguments.revision)
    max_solutions = arguments.max_solutions or MAX_SOLUTIONS
    limits = limits_of_json(arguments.limits or "{}", "--limits")
    layers = DEFAULT_LAYERS if arguments.required_layers is None else arguments.required_layers
    # Its processes start where the first program is to run.
    with CodeGrader(limits, layers) as grader:
        convert = converter(arguments.format, arguments.language or "python", max_solutions, grader)
        try:
            write_problems(arguments.output, import_rows(rows, convert), arguments.limit)
        except InfrastructureError as error:
            raise UserError(f"the sandbox failed, no problems were written: {error}") from error


if __name__ == "__main__":
    run(main)
