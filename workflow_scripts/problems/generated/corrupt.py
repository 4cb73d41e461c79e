"""Plausible wrong solutions in Python: a step replaced, dropped or swapped, a constant or operator changed."""

import functools
import random
import re
from collections.abc import Callable
from typing import Any

from workflow_scripts.problems.generated.behaviour import apply_to_all, outputs, sample_inputs
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition
from workflow_scripts.problems.generated.compose import reference_expressions
from workflow_scripts.problems.generated.primitive import compile_expression
from workflow_scripts.problems.generated.wrong_compositions import (
    ATTEMPTS,
    drop_one,
    is_wrong,
    replace_one,
    replace_two,
    swap_neighbours,
)

# No edit can make a step's cost or result grow beyond a small factor: there is no power and no range over a value.
_OPERATOR_EDITS = (
    (" + ", " - "), (" - ", " + "), (" * ", " + "), (" // ", " % "), (" % ", " // "), (" << ", " >> "),
    (" >> ", " << "), (" == ", " != "), (" != ", " == "), (" > ", " < "), (" > ", " >= "), (" not in ", " in "),
    ("max(", "min("), ("min(", "max("), ("sum(", "max("), ("sum(", "len("), ("len(", "sum("), ("[::-1]", ""),
    ("isalpha", "isdigit"), ("isdigit", "isalpha"), ("upper", "lower"), ("swapcase", "upper"), ("set(x)", "x"),
    ('"b"', '"o"'), ('"x"', '"o"'), ('"/"', '" "'), ('" "', '""'), ('","', '" "'), ('"aeiou"', '"aeio"'),
)  # fmt: skip


@functools.cache
def edited_expressions(name: str) -> tuple[str, ...]:
    """A primitive's expression with one operator or one constant changed, where that runs on every sample input."""
    expression = PRIMITIVES[name].python
    edits = [expression.replace(old, new, 1) for old, new in _OPERATOR_EDITS if old in expression]
    for match in re.finditer(r"\d+", expression):
        head, tail, constant = expression[: match.start()], expression[match.end() :], int(match.group())
        edits += [f"{head}{changed}{tail}" for changed in (constant + 1, constant - 1) if changed >= 0]
    inputs = list(sample_inputs(PRIMITIVES[name].input_type))
    return tuple(edit for edit in dict.fromkeys(edits) if _run_expressions([edit], inputs) is not None)


def corrupt(composition: Composition, rng: random.Random) -> list[str] | None:
    """The expressions of a wrong solution that stays within the bounds and differs on the sample; None if not found."""
    right = outputs(composition)
    assert right is not None  # accepted compositions stay within the bounds
    inputs = list(sample_inputs(PRIMITIVES[composition[0]].input_type))
    for _ in range(ATTEMPTS):
        kind = rng.choices(_KINDS, weights=_WEIGHTS)[0]
        expressions = kind(composition, rng)
        wrong = _run_expressions(expressions, inputs) if expressions else None
        if wrong is None:
            continue
        if is_wrong(wrong, right):
            return expressions
    return None


def _edit_one(composition: Composition, rng: random.Random) -> list[str]:
    place = rng.randrange(len(composition))
    edits = edited_expressions(composition[place])
    expressions = reference_expressions(composition)
    if edits:
        expressions[place] = rng.choice(edits)
    return expressions


def _by_name(change: Callable[[Composition, random.Random], list[str]]) -> Callable[..., list[str]]:
    """A change of the names as one of the expressions."""
    return lambda composition, rng: reference_expressions(tuple(change(composition, rng)))


_KINDS = (_by_name(replace_one), _edit_one, _by_name(replace_two), _by_name(drop_one), _by_name(swap_neighbours))
_WEIGHTS = (45, 25, 10, 10, 10)

_compiled = functools.cache(compile_expression)


def _run_expressions(expressions: list[str], inputs: list[Any]) -> list[Any] | None:
    """The results on all inputs; None where a step raises or leaves the bounds (types may not fit after an edit)."""
    values: list[Any] | None = inputs
    for expression in expressions:
        try:
            values = apply_to_all(_compiled(expression), values or [])
        except (TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError):
            return None
        if values is None:
            return None
    return values
