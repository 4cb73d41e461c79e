"""Which published problems a split holds: a rule on each problem by itself (the paper's "measy" set, appendix F).

A problem's split follows from a hash of its statement and not from its position, so that another source, another count
or another order of rows moves no problem from one split to another.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from workflow_scripts.core.contracts.problems import Call, Case, Problem
from workflow_scripts.problems.formats.contest_formats import published_text
from workflow_scripts.problems.formats.statements import allows_several_answers

# One contest writes \leq where another's copy has a sign; both are left out.
_LATEX_COMMAND = re.compile(r"\\[a-z]+")
_NUMBER_BITS = 53

AnyCase = TypeVar("AnyCase", Call, Case)


@dataclass(frozen=True)
class SelectionRule:
    """What makes a problem one of a split.

    ``levels`` are the difficulties in words that are taken, ``ratings`` the lowest and the highest in numbers; without
    both, every problem is, and with ``unrated`` those without a difficulty are taken too. Tests keep the first
    ``max_cases`` of the cases that have at most ``max_case_bytes``. The split holds the problems whose number under
    ``seed`` is in [``low``, ``high``).
    """

    levels: tuple[str, ...]
    ratings: tuple[float, float] | None
    max_cases: int
    max_case_bytes: int
    max_prompt_characters: int
    seed: int
    low: float
    high: float
    unrated: bool = False


def normalised_statement(problem: Problem) -> str:
    """The statement's letters and digits in lower case: what two copies of a problem have in common.

    LaTeX commands, which one copy has where another has signs, and the importer's own first sentence do not count: a
    problem is the same in every language to solve it in.
    """
    text = _LATEX_COMMAND.sub(" ", published_text(problem["prompt"]).lower())
    return "".join(character for character in text if character.isalnum())


def split_number(statement: str, seed: int) -> float:
    """The place in [0, 1) of a normalised statement, uniform over statements."""
    digest = hashlib.sha256(f"{seed}\x1f{statement}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _NUMBER_BITS)) / (1 << _NUMBER_BITS)


def why_left_out(problem: Problem, rule: SelectionRule) -> str | None:
    """Why the rule leaves a problem out, whatever its number; None where it takes it."""
    if not problem["reference"]:
        return "it has no reference solution"
    if not _has_wanted_difficulty(problem.get("difficulty"), rule):
        return "its difficulty is not asked for"
    if len(problem["prompt"]) > rule.max_prompt_characters:
        return "its prompt is too long"
    if shortened(problem, rule) is None:
        return "every case of its tests is too large"
    return None


def has_several_answers(problem: Problem) -> bool:
    """Whether a right program may answer otherwise than the tests expect; assert tests decide that themselves."""
    # The statement may stand in a comment.
    statement = problem["prompt"].replace("\n# ", "\n")
    return problem["tests"]["kind"] != "asserts" and allows_several_answers(statement)


def _has_wanted_difficulty(difficulty: str | float | None, rule: SelectionRule) -> bool:
    if not rule.levels and rule.ratings is None:
        return True
    if difficulty is None:
        return rule.unrated
    if isinstance(difficulty, str):
        return difficulty in rule.levels
    return rule.ratings is not None and rule.ratings[0] <= difficulty <= rule.ratings[1]


def shortened(problem: Problem, rule: SelectionRule) -> Problem | None:
    """The problem with the cases that the rule leaves it; None where that is none. Assert tests have no cases."""
    tests = problem["tests"]
    if tests["kind"] == "calls":
        calls = _fitting(tests["calls"], rule)
        return {**problem, "tests": {**tests, "calls": calls}} if calls else None
    if tests["kind"] == "stdio":
        cases = _fitting(tests["cases"], rule)
        return {**problem, "tests": {**tests, "cases": cases}} if cases else None
    return problem


def _fitting(cases: Sequence[AnyCase], rule: SelectionRule) -> list[AnyCase]:
    """The first cases that are not too large."""
    return [case for case in cases if _size(case) <= rule.max_case_bytes][: rule.max_cases]


def _size(case: Mapping[str, Any]) -> int:
    """Bytes of what a case gives and expects, as JSON where it is not text."""
    texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in case.values()]
    return sum(len(text.encode()) for text in texts)


@dataclass
class Seen:
    """Statements (by digest) and task ids that cannot be taken again: of earlier problems, or of an excluded set."""

    statements: set[bytes] = dataclasses.field(default_factory=set)
    task_ids: set[str] = dataclasses.field(default_factory=set)

    def holds(self, problem: Problem, statement: str) -> str | None:
        """What of the problem was there before: ``statement``, ``task_id`` or None."""
        if _digest(statement) in self.statements:
            return "statement"
        return "task_id" if problem["task_id"] in self.task_ids else None

    def add(self, problem: Problem, statement: str) -> None:
        self.statements.add(_digest(statement))
        self.task_ids.add(problem["task_id"])


def _digest(statement: str) -> bytes:
    return hashlib.sha256(statement.encode()).digest()
