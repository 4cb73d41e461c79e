"""Problems of APPS that name a function: call tests, and whether their answers stand in lists of one element."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from workflow_scripts.core.contracts.problems import Call, Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.published_rows import NotExpressible
from workflow_scripts.grading.code_grader import CodeGrader, UnsupportedTests, Verdict
from workflow_scripts.problems.formats.published_problem import problem_of

# What APPS' own runner puts in front of every program, but for numpy, which the sandbox does not have.
_IMPORTS = """\
import sys
import time
import itertools
from itertools import accumulate, product, permutations, combinations
import collections
from collections import Counter, OrderedDict, deque, defaultdict, ChainMap
from functools import lru_cache
import math
from math import sqrt, sin, cos, tan, ceil, fabs, floor, gcd, exp, log, log2
import fractions
from typing import List, Tuple
import random
import heapq
from heapq import *
"""
_METHOD = "\n\ndef {name}(*arguments):\n    return Solution().{name}(*arguments)\n"


def function_problem(
    task_id: str,
    question: str,
    starter: str,
    tests: dict[str, Any],
    solutions: Sequence[str],
    grader: CodeGrader | None,
) -> Problem:
    """A problem of call tests.

    As in APPS' own runner, the program has the imports of ``_IMPORTS``, and where the starter code or a solution has a
    ``class Solution``, the function is a method of it, which a function in front of the program calls. The question
    stands above them as a comment, and a completion is the program that follows. Unlike there, an answer's type counts:
    1.0 is not 1. That runner accepts an output or its first element, since most outputs are wrapped in a list. Here
    the ``grader`` finds out which of the two a published solution answers; without one, it is guessed.
    """
    name, inputs = tests["fn_name"], tests["inputs"]
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):
        raise NotExpressible(f"fn_name is {name!r}, which is no function")
    if not inputs:
        raise NotExpressible("it has no tests")
    in_class = any("class Solution" in code for code in (starter, *solutions))
    comment = ["# " + line for line in _with_starter(question.strip(), starter.rstrip()).splitlines()]
    forms = [
        problem_of(
            task_id=task_id,
            language="python",
            completion_kind="continuation",
            prompt="\n".join([*comment, "", _IMPORTS]) + (_METHOD.format(name=name) if in_class else "") + "\n\n",
            entry_point=name,
            reference=solutions[0] if solutions else None,
            tests={"kind": "calls", "calls": _calls(inputs, outputs)},
        )
        for outputs in _forms(tests["outputs"], _returns_list(starter, name))
    ]
    return forms[0] if len(forms) == 1 or grader is None else _answered(forms, solutions, grader)


def _with_starter(question: str, starter: str) -> str:
    return f"{question}\n\nBegin the program with:\n\n{starter}" if starter.strip() else question


def _returns_list(starter: str, name: str) -> bool:
    annotated = re.search(rf"def\s+{name}\s*\(.*?\)\s*->\s*(\w+)", starter, re.DOTALL)
    return annotated is not None and annotated[1] in ("List", "list")


def _forms(outputs: list[Any], returns_list: bool) -> Iterator[list[Any]]:
    """What may be expected: the outputs, and where all are lists of one element, those; the likelier one first."""
    if not all(isinstance(output, list) and len(output) == 1 for output in outputs):
        yield outputs
        return
    bare = [output[0] for output in outputs]
    likely_bare = not returns_list or all(isinstance(output, list) for output in bare)
    yield from (bare, outputs) if likely_bare else (outputs, bare)


def _calls(inputs: list[Any], outputs: list[Any]) -> list[Call]:
    calls: list[Call] = []
    for arguments, expected in zip(inputs, outputs, strict=True):
        if not isinstance(arguments, list):
            raise NotExpressible("the arguments of a call are not a list")
        if any(_has_integer_keys(value) for value in (*arguments, expected)):
            raise NotExpressible("a call takes or returns a dictionary with integer keys, which JSON does not have")
        calls.append({"arguments": arguments, "expected": expected})
    return calls


def _has_integer_keys(value: Any) -> bool:
    """Whether APPS' runner would turn a dictionary's keys, which JSON made strings, back into integers."""
    try:
        return isinstance(value, dict) and bool(value) and all(int(key) is not None for key in value)
    except ValueError:
        return False


def _answered(forms: Sequence[Problem], solutions: Sequence[str], grader: CodeGrader) -> Problem:
    """The one of the problems that the first of the solutions passes which passes any."""
    if not solutions:
        raise NotExpressible("only a published solution could tell whether it answers in lists of one element")
    for solution in solutions:
        for problem in forms:
            try:
                grade = grader.grade(problem, [solution])[0]
            except UnsupportedTests as error:
                raise NotExpressible(f"the grader cannot judge its tests: {error}") from None
            except UserError as error:
                raise UserError(f"problem {problem['task_id']}: its solution cannot be run: {error}") from None
            if grade.verdict is Verdict.PASSED:
                return problem | {"reference": solution}
            if grade.verdict is not Verdict.FAILED:
                break  # it ends without an answer, whatever is expected
    raise NotExpressible("its published solutions give its answers neither bare nor in lists of one element")
