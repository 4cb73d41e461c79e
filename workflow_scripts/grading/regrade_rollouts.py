"""Grade the stored rollouts of campaigns once more, and say where a verdict is another than the stored one.

Equal completions of a problem are graded once more together: the grader would keep the first one's grade anyway.
"""

import argparse
import dataclasses
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.measurements import Disagreement, Regraded, RegradedRollouts, VerdictPair
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file, write_json
from workflow_scripts.core.processes import require_writable
from workflow_scripts.core.prompt_formats import PROMPT_FORMATS
from workflow_scripts.core.published_rows import read_rows
from workflow_scripts.grading.code_grader import CodeGrader, Grade, InfrastructureError, Verdict
from workflow_scripts.grading.extraction import graded_pair
from workflow_scripts.grading.grade_samples import read_problems
from workflow_scripts.grading.limit_options import add_limit_arguments, limits_of
from workflow_scripts.grading.progress import with_progress

Program = tuple[str, str]  # a problem's task id, and a completion
Stored = tuple[int, Program, str]  # the step, what was graded, and its verdict


def read_rollouts(path: Path, problems: Mapping[str, Problem]) -> list[Stored]:
    """The rollouts of one campaign, in order; a problem that is not among the given ones is a ``UserError``."""
    stored = []
    for row in read_rows(path):
        problem = row.text("problem")
        if problem not in problems:
            raise UserError(f"{row.place}: problem: {problem!r} is no problem of --problems")
        stored.append((row.integer("step"), (problem, row.text("completion")), row.text("verdict")))
    if not stored:
        raise UserError(f"{path}: holds no rollout")
    return stored


def grade_again(
    grader: CodeGrader, problems: Mapping[str, Problem], programs: Sequence[Program], prompt_format: str
) -> dict[Program, Grade]:
    """The grade of each program; one that the sandbox could not judge is a ``UserError``, since it has a verdict."""
    # By problem, so that its tests are prepared once.
    ordered = sorted(programs)
    pairs = (graded_pair(prompt_format, problems[name], completion) for name, completion in ordered)
    outcomes = with_progress(grader.grade_each(pairs), len(ordered), sys.stderr)
    grades = {}
    for program, outcome in zip(ordered, outcomes, strict=True):
        if not isinstance(outcome, Grade):
            raise UserError(f"problem {program[0]}: a stored rollout could not be graded again: {outcome}")
        grades[program] = outcome
    return grades


def compare(campaigns: Mapping[str, Sequence[Stored]], grades: Mapping[Program, Grade]) -> RegradedRollouts:
    """Stored and new verdicts of all campaigns, keyed by the path of their rollouts."""
    stored: dict[Program, Counter[str]] = {}
    places: dict[Program, set[str]] = {}
    for path, rollouts in campaigns.items():
        for _, program, verdict in rollouts:
            stored.setdefault(program, Counter())[verdict] += 1
            places.setdefault(program, set()).add(path)
    pairs: dict[tuple[str, str], Counter[str]] = {}
    disagreements: list[Disagreement] = []
    for program, verdicts in sorted(stored.items()):
        new, detail = str(grades[program].verdict), grades[program].detail
        for verdict, count in sorted(verdicts.items()):
            pairs.setdefault((verdict, new), Counter()).update(rollouts=count, programs=1)
            if verdict != new:
                disagreements.append(
                    {
                        "problem": program[0],
                        "completion": program[1],
                        "stored": verdict,
                        "new": new,
                        # A program's own words may hold what no file can.
                        "detail": detail.encode("utf-8", "backslashreplace").decode(),
                        "rollouts": count,
                    }
                )
    table: list[VerdictPair] = [
        {"stored": verdict, "new": new, "rollouts": counts["rollouts"], "programs": counts["programs"]}
        for (verdict, new), counts in sorted(pairs.items())
    ]
    repeated = [program for program, paths in places.items() if len(paths) > 1]
    return {
        "rollouts": sum(counts.total() for counts in stored.values()),
        "programs": len(stored),
        "repeated_programs": len(repeated),
        "inconsistent_programs": sum(len(stored[program]) > 1 for program in repeated),
        "verdicts": table,
        "disagreements": disagreements,
        "pass_rates": {path: pass_rates(rollouts, grades) for path, rollouts in campaigns.items()},
    }


def pass_rates(rollouts: Sequence[Stored], grades: Mapping[Program, Grade]) -> list[float]:
    """By step, the share of rollouts that pass by the new verdicts."""
    passed, total = Counter[int](), Counter[int]()
    for step, program, _ in rollouts:
        total[step] += 1
        passed[step] += grades[program].verdict is Verdict.PASSED
    return [passed[step] / total[step] for step in sorted(total)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.grading.regrade_rollouts", description=__doc__)
    parser.add_argument("--problems", required=True, type=Path, help="those that the campaigns trained on (.jsonl)")
    parser.add_argument("--rollouts", required=True, nargs="+", type=Path, help="rollouts.parquet of campaigns")
    parser.add_argument("--prompt-format", required=True, choices=PROMPT_FORMATS, help="as in training")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="programs judged at a time")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where compiled C++ programs are kept")
    parser.add_argument("--output", required=True, type=Path, help="regraded.json to write")
    add_limit_arguments(parser)
    arguments = parser.parse_args()
    limits = limits_of(arguments)
    require_writable(arguments.output.parent)
    problems = read_problems(arguments.problems)
    campaigns = {str(path): read_rollouts(path, problems) for path in arguments.rollouts}
    programs = {program for rollouts in campaigns.values() for _, program, _ in rollouts}
    private = (arguments.problems, *arguments.rollouts, arguments.output.parent)
    with CodeGrader(
        limits, arguments.require, arguments.workers, cache_folder=arguments.cache, private=private
    ) as grader:
        try:
            grader.self_test()
            grades = grade_again(grader, problems, list(programs), arguments.prompt_format)
            isolation = grader.layers
        except InfrastructureError as error:
            raise UserError(f"the sandbox failed, nothing was written: {error}") from error
    found: Regraded = {
        "schema_version": 1,
        **compare(campaigns, grades),
        "isolation": isolation,
        "limits": dataclasses.asdict(limits),
        "inputs": {str(path): sha256_file(path) for path in (arguments.problems, *arguments.rollouts)},
    }
    write_json(arguments.output, found, "regraded")
    different = sum(one["rollouts"] for one in found["disagreements"])
    print(f"{arguments.output}: {found['rollouts']} rollouts, {different} with another verdict", file=sys.stderr)


if __name__ == "__main__":
    run(main)
