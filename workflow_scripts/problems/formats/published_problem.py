"""A published problem as a row of the project's schema (core/schemas/problem.schema.json)."""

from collections.abc import Callable, Iterable
from typing import Literal

from workflow_scripts.core.contracts.problems import Problem, Tests
from workflow_scripts.core.published_rows import NotExpressible, PublishedRow
from workflow_scripts.grading.expectations import LARGEST_EXPECTED_BYTES

Convert = Callable[[PublishedRow], Problem]
ProgrammingLanguage = Literal["python", "cpp"]


def problem_of(
    task_id: str,
    language: ProgrammingLanguage,
    completion_kind: Literal["continuation", "program"],
    prompt: str,
    entry_point: str | None,
    reference: str | None,
    tests: Tests,
    natural_language: str = "en",
) -> Problem:
    """The row; what only the project's own problems have (topic, depth, composition) is empty.

    Raises NotExpressible where every program passes its cases or calls, or none.
    """
    _require_telling(tests)
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


def different_programs(programs: Iterable[str]) -> list[str]:
    """The first of all programs that differ in white space alone, in their order."""
    found: dict[str, str] = {}
    for program in programs:
        found.setdefault("".join(program.split()), program)
    return list(found.values())


def _require_telling(tests: Tests) -> None:
    if tests["kind"] == "calls" and all(call["expected"] is None for call in tests["calls"]):
        raise NotExpressible("its calls all expect None, which a function without a body returns")
    if tests["kind"] != "stdio":
        return
    outputs = [case["output"] for case in tests["cases"]]
    if not any(output.strip() for output in outputs):
        raise NotExpressible("its cases expect no output, which an empty program gives")
    if max(len(output.encode("utf-8", "surrogatepass")) for output in outputs) > LARGEST_EXPECTED_BYTES:
        raise NotExpressible(f"a case expects more output than is compared ({LARGEST_EXPECTED_BYTES >> 20} MiB)")
