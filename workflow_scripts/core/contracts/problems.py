"""A programming problem with its tests (``problem.schema.json``)."""

from typing import Any, Literal, NotRequired, TypedDict


class Call(TypedDict):
    """Arguments of the entry point and what it must return."""

    arguments: list[Any]
    expected: Any


class Calls(TypedDict):
    """Tests by calls of the entry point."""

    kind: Literal["calls"]
    calls: list[Call]


class Asserts(TypedDict):
    """Tests by a program: Python defines check(candidate), C++ a main()."""

    kind: Literal["asserts"]
    code: str


class Case(TypedDict):
    """Standard input and the output that it must lead to."""

    input: str
    output: str


class Stdio(TypedDict):
    """Tests by standard input and output."""

    kind: Literal["stdio"]
    tolerance: NotRequired[float]
    cases: list[Case]


Tests = Calls | Asserts | Stdio


class Problem(TypedDict):
    """One problem."""

    task_id: str
    language: Literal["python", "cpp"]
    natural_language: str
    topic: str | None
    depth: int | None
    composition: list[str]
    entry_point: str | None
    prompt: str
    completion_kind: Literal["continuation", "program"]
    reference: str | None
    solutions: NotRequired[list[str]]
    time_limit_seconds: NotRequired[float | None]
    difficulty: NotRequired[str | float | None]
    tests: Tests
