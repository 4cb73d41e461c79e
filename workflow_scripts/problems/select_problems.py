"""Select a split from imported problems of several sources, by a rule that is stated in full on the command line.

A problem is taken if it has a reference solution (which, with --verify, passes the project's own grader), a difficulty
that was asked for, a prompt and test cases of bearable size, and a number in --range: a hash of --seed and its
statement. So splits with other ranges are disjoint, and neither another source nor another --count moves a problem
between them. Problems are ordered by that number. Of problems with equal statements the first in the order of the
sources stays. A problem whose statement allows several answers, of which the tests know one, is taken only where two
different published solutions pass (with --verify).
"""

import argparse
import sys
from collections import Counter, deque
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.core.processes import require_writable
from workflow_scripts.grading.code_grader import CodeGrader, Grade, InfrastructureError, Outcome, Verdict
from workflow_scripts.grading.limit_options import limits_of_json
from workflow_scripts.grading.progress import with_progress
from workflow_scripts.problems.formats.published_problem import different_programs
from workflow_scripts.problems.imported_problems import read_problem_at, read_problems
from workflow_scripts.problems.selection_rule import (
    Seen,
    SelectionRule,
    has_several_answers,
    normalised_statement,
    shortened,
    split_number,
    why_left_out,
)

_SEVERAL_ANSWERS = "its statement allows several answers"


@dataclass(frozen=True, order=True)
class Candidate:
    """A problem that the rule takes: its number, and where its line begins. The problem itself may be megabytes."""

    number: float
    source: Path
    offset: int


def excluded_problems(paths: Iterable[Path]) -> Seen:
    """The statements and task ids of all problems in these files."""
    seen = Seen()
    for path in paths:
        for _, problem in read_problems(path):
            seen.add(problem, normalised_statement(problem))
    return seen


def find_candidates(
    sources: Sequence[Path],
    rule: SelectionRule,
    excluded: Seen,
    left_out: Counter[str],
    unrated: Collection[Path] = (),
) -> list[Candidate]:
    """The problems that the rule takes, ordered by their number; counts the others by reason in ``left_out``.

    ``unrated``: sources of which problems without a difficulty are taken.
    """
    taken, candidates = Seen(), []
    for source in sources:
        rule = replace(rule, unrated=source in unrated)
        for offset, problem in read_problems(source):
            statement = normalised_statement(problem)
            number = split_number(statement, rule.seed)
            reason = why_left_out(problem, rule)
            if reason is None and not rule.low <= number < rule.high:
                reason = "its number is not in the range"
            if reason is None and excluded.holds(problem, statement):
                reason = "it is excluded"
            if reason is None and (known := taken.holds(problem, statement)):
                reason = f"its {known} is that of an earlier problem"
            if reason is not None:
                left_out[reason] += 1
                continue
            taken.add(problem, statement)
            candidates.append(Candidate(number, source, offset))
    return sorted(candidates)


def read_candidates(candidates: Iterable[Candidate], rule: SelectionRule) -> Generator[Problem, None, None]:
    """The candidates' problems, one at a time, with the cases that the rule leaves them."""
    for candidate in candidates:
        problem = shortened(read_problem_at(candidate.source, candidate.offset), rule)
        if problem is None:
            raise UserError(f"{candidate.source}: was changed while it was read; start again")
        yield problem


def verified(
    problems: Iterable[Problem], total: int, grader: CodeGrader, left_out: Counter[str]
) -> Generator[Problem, None, None]:
    """The problems whose reference passes, as they come; counts the others in ``left_out``.

    Where the statement allows several answers, two different solutions must pass, and the first that does is the
    reference. Grades no further than it is asked to, but for what already runs. Raises InfrastructureError where the
    sandbox or the machine failed: that says nothing about a problem.
    """
    for problem, programs, outcomes in with_progress(_judged(problems, grader), total, sys.stderr):
        for outcome in outcomes:
            if isinstance(outcome, InfrastructureError):
                raise outcome
        passing = [
            program
            for program, outcome in zip(programs, outcomes, strict=True)
            if isinstance(outcome, Grade) and outcome.verdict is Verdict.PASSED
        ]
        if not isinstance(outcomes[0], Grade):
            left_out["the grader cannot judge its tests"] += 1
        elif not passing:
            left_out[f"its reference does not pass ({outcomes[0].verdict})"] += 1
        elif len(passing) == 1 and has_several_answers(problem):
            left_out[f"{_SEVERAL_ANSWERS}, on which no two published solutions agree"] += 1
        else:
            yield {**problem, "reference": passing[0]}


def _judged(problems: Iterable[Problem], grader: CodeGrader) -> Iterator[tuple[Problem, list[str], list[Outcome]]]:
    """Each problem with the published solutions that are to be judged, and how they did."""
    at_work: deque[tuple[Problem, list[str]]] = deque()

    def pairs() -> Iterator[tuple[Problem, str]]:
        for problem in problems:
            others = problem.get("solutions", []) if has_several_answers(problem) else []
            at_work.append((problem, different_programs([problem["reference"] or "", *others])))
            yield from ((problem, program) for program in at_work[-1][1])

    outcomes = grader.grade_each(pairs())
    for first in outcomes:
        problem, programs = at_work.popleft()
        yield problem, programs, [first, *islice(outcomes, len(programs) - 1)]


def unverified(problems: Iterable[Problem], left_out: Counter[str]) -> Generator[Problem, None, None]:
    """The problems that have one right answer; counts the others in ``left_out``."""
    for problem in problems:
        if has_several_answers(problem):
            left_out[f"{_SEVERAL_ANSWERS}, and --verify is not given"] += 1
        else:
            yield problem


def select(
    candidates: Sequence[Candidate],
    rule: SelectionRule,
    count: int | None,
    grader: CodeGrader | None,
    left_out: Counter[str],
) -> list[Problem]:
    """The first ``count`` candidates (None: all), of those that pass where a ``grader`` is given.

    Raises UserError where the sandbox or the machine failed.
    """
    every = read_candidates(candidates, rule)
    taken = unverified(every, left_out) if grader is None else verified(every, len(candidates), grader, left_out)
    try:
        with closing(taken):
            return [without_solutions(problem) for problem in islice(taken, count)]
    except InfrastructureError as error:
        raise UserError(f"the sandbox failed, no problems were written: {error}") from error


def without_solutions(problem: Problem) -> Problem:
    """The problem as those who train on it or grade it need it."""
    kept = problem.copy()
    kept.pop("solutions", None)
    return kept


def report(path: Path, taken: int, count: int | None, left_out: Counter[str]) -> str:
    """What was taken and what was left out, by reason, one to a line."""
    asked = "" if count is None else f" of {count} asked for"
    lines = [f"{number} left out: {reason}" for reason, number in left_out.most_common()]
    return "\n".join([*lines, f"{path}: {taken} problems{asked}"])


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", nargs="+", required=True, type=Path, metavar="FILE", help="imported problems")
    parser.add_argument("--exclude", nargs="*", default=[], type=Path, metavar="FILE", help="problems not to take")
    parser.add_argument("--levels", nargs="*", default=[], metavar="LEVEL", help="difficulties in words to take")
    parser.add_argument(
        "--ratings", nargs=2, type=float, metavar=("LOWEST", "HIGHEST"), help="difficulties in numbers to take"
    )
    parser.add_argument(
        "--unrated", nargs="*", default=[], type=Path, metavar="FILE", help="sources that need not state a difficulty"
    )
    parser.add_argument("--max-cases", required=True, type=int, metavar="N", help="keep the first N cases of a test")
    parser.add_argument("--max-case-bytes", required=True, type=int, metavar="N", help="leave larger cases out")
    parser.add_argument("--max-prompt-characters", required=True, type=int, metavar="N", help="leave longer ones out")
    parser.add_argument("--seed", required=True, type=int, help="of the hash that deals problems out to splits")
    parser.add_argument(
        "--range", required=True, nargs=2, type=float, metavar=("LOW", "HIGH"), help="take numbers in [LOW, HIGH)"
    )
    parser.add_argument("--count", type=int, metavar="N", help="take the first N (default: all)")
    parser.add_argument("--verify", action="store_true", help="the reference must pass; needs --limits")
    parser.add_argument("--limits", metavar="JSON", help="with --verify: the sandbox's limits as a JSON object")
    parser.add_argument(
        "--required-layers", nargs="*", default=[], metavar="LAYER", help="layers of isolation that must be active"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="programs judged at the same time")
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    arguments = parser.parse_args()
    low, high = arguments.range
    if not 0 <= low < high <= 1:
        parser.error(f"--range: [{low:g}, {high:g}) is no part of [0, 1)")
    for option in ("max_cases", "max_case_bytes", "max_prompt_characters", "count", "workers"):
        value = getattr(arguments, option)
        if value is not None and value < 1:
            parser.error(f"--{option.replace('_', '-')}: {value} is not at least 1")
    for source in arguments.unrated:
        if source not in arguments.sources:
            parser.error(f"--unrated: {source} is none of the --sources")
    if arguments.verify != (arguments.limits is not None):
        parser.error("--verify and --limits go together")
    return arguments


def rule_of(arguments: argparse.Namespace) -> SelectionRule:
    return SelectionRule(
        levels=tuple(arguments.levels),
        ratings=tuple(arguments.ratings) if arguments.ratings else None,
        max_cases=arguments.max_cases,
        max_case_bytes=arguments.max_case_bytes,
        max_prompt_characters=arguments.max_prompt_characters,
        seed=arguments.seed,
        low=arguments.range[0],
        high=arguments.range[1],
    )


def main() -> None:
    arguments = parse_arguments()
    rule, left_out = rule_of(arguments), Counter[str]()
    require_writable(arguments.output.parent)
    excluded = excluded_problems(arguments.exclude)
    candidates = find_candidates(arguments.sources, rule, excluded, left_out, arguments.unrated)
    print(f"{len(candidates)} candidates, {left_out.total()} problems left out", file=sys.stderr, flush=True)
    if arguments.verify:
        limits = limits_of_json(arguments.limits, "--limits")
        private = [*arguments.sources, *arguments.exclude, arguments.output.parent]
        with CodeGrader(limits, arguments.required_layers, arguments.workers, private=private) as grader:
            problems = select(candidates, rule, arguments.count, grader, left_out)
    else:
        problems = select(candidates, rule, arguments.count, None, left_out)
    print(report(arguments.output, len(problems), arguments.count, left_out), file=sys.stderr)
    if not problems:
        raise UserError(f"{arguments.output}: no problem is left to write; see the reasons above")
    write_jsonl(arguments.output, problems, schema="problem")


if __name__ == "__main__":
    run(main)
