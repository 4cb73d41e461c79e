"""A published problem as a row of the project's schema (core/schemas/problem.schema.json)."""

from collections.abc import Callable
from typing import Any, Literal

from workflow_scripts.problems.published_rows import PublishedRow

Problem = dict[str, Any]
Convert = Callable[[PublishedRow], Problem]
ProgrammingLanguage = Literal["python", "cpp"]


def problem_of(
    task_id: str,
    language: ProgrammingLanguage,
    completion_kind: Literal["continuation", "program"],
    prompt: str,
    entry_point: str | None,
    reference: str | None,
    tests: dict[str, Any],
    natural_language: str = "en",
) -> Problem:
    """The row; what only the project's own problems have (topic, depth, composition) is empty."""
    return {
        "task_id": task_id,
        "language": language,
        "natural_language": natural_language,
        "topic": None,
        "depth": None,
        "composition": [],
        "entry_point": entry_point,
        "prompt": prompt,
        "completion_kind": completion_kind,
        "reference": reference,
        "tests": tests,
    }
