"""A programming problem with its tests (``problem.schema.json``), and a pair that models are pre-trained on."""

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


class Beside(TypedDict, total=False):
    """What only published problems have, of some sources."""

    solutions: list[str]
    time_limit_seconds: float | None
    difficulty: str | float | None


class Description(TypedDict):
    """What is asked, in whatever language it is to be solved."""

    task_id: str
    natural_language: str
    topic: str | None
    depth: int | None
    composition: list[str]
    entry_point: str | None
    completion_kind: Literal["continuation", "program"]


class Problem(Description, Beside):
    """One problem."""

    language: Literal["python", "cpp"]
    prompt: str
    reference: str | None
    tests: Tests


class CorpusRow(TypedDict):
    """One pre-training pair (``corpus_row.schema.json``)."""

    prompt: str
    completion: str
    composition: list[str]
    corrupted: bool
