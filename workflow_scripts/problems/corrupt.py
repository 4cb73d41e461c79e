"""Plausible wrong solutions of a composition: a step replaced, dropped or swapped, a constant or operator changed."""

import functools
import random
import re
from collections.abc import Callable
from typing import Any

from workflow_scripts.problems.behaviour import apply_to_all, outputs, sample_inputs
from workflow_scripts.problems.catalogue import PRIMITIVES, Composition
from workflow_scripts.problems.compose import reference_expressions
from workflow_scripts.problems.primitive import compile_expression

# A wrong solution differs on at least this share of the sample, so that six tests find nearly every one.
MIN_SHARE_OF_WRONG_OUTPUTS = 0.25
_ATTEMPTS = 12

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


@functools.cache
def replacements(name: str) -> tuple[str, ...]:
    """The other primitives of the same input and output type."""
    step = PRIMITIVES[name]
    return tuple(
        other.name
        for other in PRIMITIVES.values()
        if other.name != name and (other.input_type, other.output_type) == (step.input_type, step.output_type)
    )


def corrupt(composition: Composition, rng: random.Random) -> list[str] | None:
    """The expressions of a wrong solution that stays within the bounds and differs on the sample; None if not found."""
    right = outputs(composition)
    assert right is not None  # accepted compositions stay within the bounds
    inputs = list(sample_inputs(PRIMITIVES[composition[0]].input_type))
    for _ in range(_ATTEMPTS):
        kind = rng.choices(_KINDS, weights=_WEIGHTS)[0]
        expressions = kind(composition, rng)
        wrong = _run_expressions(expressions, inputs) if expressions else None
        if wrong is None:
            continue
        differences = sum(a != b for a, b in zip(wrong, right, strict=True))
        if differences >= MIN_SHARE_OF_WRONG_OUTPUTS * len(right):
            return expressions
    return None


def _replace_one(composition: Composition, rng: random.Random) -> list[str]:
    place = rng.randrange(len(composition))
    others = replacements(composition[place])
    expressions = reference_expressions(composition)
    if others:
        expressions[place] = PRIMITIVES[rng.choice(others)].python
    return expressions


def _replace_two(composition: Composition, rng: random.Random) -> list[str]:
    if len(composition) < 2:
        return []
    expressions = reference_expressions(composition)
    for place in rng.sample(range(len(composition)), 2):
        if others := replacements(composition[place]):
            expressions[place] = PRIMITIVES[rng.choice(others)].python
    return expressions


def _edit_one(composition: Composition, rng: random.Random) -> list[str]:
    place = rng.randrange(len(composition))
    edits = edited_expressions(composition[place])
    expressions = reference_expressions(composition)
    if edits:
        expressions[place] = rng.choice(edits)
    return expressions


def _drop_one(composition: Composition, rng: random.Random) -> list[str]:
    if len(composition) < 2:
        return []
    expressions = reference_expressions(composition)
    del expressions[rng.randrange(len(composition))]
    return expressions


def _swap_neighbours(composition: Composition, rng: random.Random) -> list[str]:
    if len(composition) < 2:
        return []
    expressions = reference_expressions(composition)
    place = rng.randrange(len(composition) - 1)
    expressions[place], expressions[place + 1] = expressions[place + 1], expressions[place]
    return expressions


_KINDS: tuple[Callable[[Composition, random.Random], list[str]], ...] = (
    _replace_one, _edit_one, _replace_two, _drop_one, _swap_neighbours,
)  # fmt: skip
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
