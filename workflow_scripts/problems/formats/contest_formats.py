"""Contest problems: APPS and CodeContests.

Most read standard input and print; they become stdio tests, solved in Python or C++ (``language``), and a completion is
the whole program. Printed answers are compared token by token, numbers within the tolerance that the statement gives.
Where a statement allows several answers, the tests know one; of such a problem up to ``max_solutions`` published
solutions beside the reference are kept, so that select_problems can see whether they agree. Each problem has its
``difficulty`` as the data set states it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_scripts.core.contracts.problems import Beside, Case, Problem, Stdio
from workflow_scripts.core.published_rows import NotExpressible, PublishedRow
from workflow_scripts.grading.code_grader import CodeGrader
from workflow_scripts.problems.formats.apps_functions import function_problem
from workflow_scripts.problems.formats.published_problem import (
    ProgrammingLanguage,
    different_programs,
    problem_of,
)
from workflow_scripts.problems.formats.statements import allows_several_answers, stated_tolerance

_TASK = "Write a {language} program that solves this problem. It reads standard input and prints the answer.\n"
_LANGUAGE_NAMES: Mapping[ProgrammingLanguage, str] = {"python": "Python 3", "cpp": "C++"}

# CodeContests' numbers for languages and sources; 1 is Python 2.
_SOLUTION_LANGUAGES: Mapping[ProgrammingLanguage, int] = {"python": 3, "cpp": 2}
_SOURCES = ("unknown", "codechef", "codeforces", "hackerearth", "codejam", "unknown", "atcoder", "aizu")
_NANOSECONDS = 1e9


def published_text(prompt: str) -> str:
    """A prompt without the sentence that this module puts in front: one text for every language to solve it in."""
    for name in _LANGUAGE_NAMES.values():
        prompt = prompt.removeprefix(_TASK.format(language=name))
    return prompt


def code_contests(row: PublishedRow, language: ProgrammingLanguage, max_solutions: int) -> Problem:
    """A row of CodeContests: its public, private and generated tests, in this order, and its time limit.

    The task id is source and name, since two sources share names. Its memory limit is not used: the grader's holds.
    """
    for key in ("input_file", "output_file"):
        if row.values.get(key):
            raise NotExpressible(f"its programs use a file: {key} is {row.values[key]!r}")
    tests = [row.columns(key, "input", "output") for key in ("public_tests", "private_tests", "generated_tests")]
    cases = [_case(*pair) for inputs, outputs in tests for pair in zip(inputs, outputs, strict=True)]
    languages, solutions = row.columns("solutions", "language", "solution")
    wanted = _SOLUTION_LANGUAGES[language]
    fitting = [solution for number, solution in zip(languages, solutions, strict=True) if number == wanted]
    source = row.integer("source")
    if not 0 <= source < len(_SOURCES):
        raise row.wrong("source", f"a number from 0 to {len(_SOURCES) - 1}")
    task_id = f"{_SOURCES[source]}/{row.text('name')}"
    return {
        **_stdio_problem(task_id, language, row.text("description"), fitting, max_solutions, cases),
        "time_limit_seconds": _time_limit(row),
        "difficulty": _rating(row),
    }


def _rating(row: PublishedRow) -> int | None:
    # 0 stands for none: the problem has no rating yet, or is not Codeforces'.
    return (row.integer("cf_rating") or None) if "cf_rating" in row else None


def _time_limit(row: PublishedRow) -> float | None:
    limit = row.value("time_limit")
    if limit is None:
        return None
    if not isinstance(limit, dict) or not all(type(limit.get(unit, 0)) is int for unit in ("seconds", "nanos")):
        raise row.wrong("time_limit", "null or an object with whole seconds and nanos")
    # No contest sets a limit of zero; it stands for none.
    return limit.get("seconds", 0) + limit.get("nanos", 0) / _NANOSECONDS or None


def apps(
    row: PublishedRow, language: ProgrammingLanguage, max_solutions: int, grader: CodeGrader | None = None
) -> Problem:
    """A row of APPS: stdio tests, or call tests where it names a function (Python only).

    ``grader`` runs published solutions where only they can tell what a function's answers look like.
    """
    task_id = f"APPS/{row.integer('problem_id' if 'problem_id' in row else 'id')}"
    tests = row.json_text("input_output")
    if not tests:
        raise NotExpressible("it has no tests")
    inputs, outputs = PublishedRow(row.place, {"input_output": tests}).columns("input_output", "inputs", "outputs")
    solutions = row.json_text("solutions") or []
    if not isinstance(solutions, list) or not all(isinstance(solution, str) for solution in solutions):
        raise row.wrong("solutions", "a JSON list of strings")
    question = row.text("question")
    if tests.get("fn_name") is not None:
        if language != "python":
            raise NotExpressible("it asks for a Python function")
        tried = different_programs(solutions)[:max_solutions]
        problem = function_problem(task_id, question, row.text("starter_code"), tests, tried, grader)
        return {**problem, **_others(question, problem["reference"], solutions, max_solutions), **_level(row)}
    cases = [_case(*pair) for pair in zip(inputs, outputs, strict=True)]
    # Every published solution is in Python.
    fitting = solutions if language == "python" else []
    return {**_stdio_problem(task_id, language, question, fitting, max_solutions, cases), **_level(row)}


def _level(row: PublishedRow) -> Beside:
    return {"difficulty": row.text("difficulty") or None if "difficulty" in row else None}


def _stdio_problem(
    task_id: str,
    language: ProgrammingLanguage,
    text: str,
    solutions: Sequence[str],
    max_solutions: int,
    cases: list[Case],
) -> Problem:
    if not cases:
        raise NotExpressible("it has no tests")
    tests: Stdio = {"kind": "stdio", "cases": cases}
    if (tolerance := stated_tolerance(text)) is not None:
        tests["tolerance"] = tolerance
    reference = solutions[0] if solutions else None
    problem = problem_of(
        task_id=task_id,
        language=language,
        completion_kind="program",
        prompt=f"{_TASK.format(language=_LANGUAGE_NAMES[language])}\n{text.strip()}\n",
        entry_point=None,
        reference=reference,
        tests=tests,
    )
    return {**problem, **_others(text, reference, solutions, max_solutions)}


def _others(text: str, reference: str | None, solutions: Sequence[str], count: int) -> Beside:
    """The solutions beside the reference, where the statement allows several answers."""
    if reference is None or not allows_several_answers(text):
        return {}
    return {"solutions": different_programs([reference, *solutions])[1 : 1 + count]}


def _case(given: Any, printed: Any) -> Case:
    return {"input": _lines(given), "output": _lines(printed)}


def _lines(value: Any) -> str:
    """A text, or the list of its lines, in which form some rows of APPS have it."""
    lines = value if isinstance(value, list) else [value]
    if not all(isinstance(line, str) for line in lines):
        raise NotExpressible("a case is not text")
    return "\n".join(lines)
