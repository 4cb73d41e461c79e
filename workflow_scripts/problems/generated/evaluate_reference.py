"""Test calls of a composition: inputs by seed, expected results by its reference, every intermediate value bounded."""

import random
from typing import Any

from workflow_scripts.core.contracts.problems import Call
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition
from workflow_scripts.problems.generated.compose import composition_hash
from workflow_scripts.problems.generated.values import draw_input, is_bounded

_ATTEMPTS = 30


def evaluate_reference(
    composition: Composition, problem_seed: int, calls: int, distinct_outputs: int
) -> list[Call] | None:
    """``calls`` test calls as {"arguments": [x], "expected": y}, or None where no set was found.

    A set has distinct inputs, at least ``distinct_outputs`` distinct results, and tells the composition from each
    one that lacks a step.
    """
    rng = random.Random(derive_seed("test inputs", problem_seed, composition_hash(composition)))
    input_type = PRIMITIVES[composition[0]].input_type
    for _ in range(_ATTEMPTS):
        inputs = [draw_input(input_type, rng) for _ in range(calls)]
        expected = [run_bounded(composition, value) for value in inputs]
        if None in expected or len(set(map(repr, inputs))) < calls:
            continue
        if len(set(map(repr, expected))) >= distinct_outputs and _needs_every_step(composition, inputs, expected):
            return [{"arguments": [x], "expected": y} for x, y in zip(inputs, expected, strict=True)]
    return None


def run_bounded(composition: Composition, value: Any) -> Any:
    """The result of the composition; None as soon as a value at any step leaves the bounds."""
    for name in composition:
        value = PRIMITIVES[name].apply(value)
        if not is_bounded(value):
            return None
    return value


def without_step(composition: Composition) -> list[Composition]:
    """The compositions that lack one step, for each step whose absence the types allow."""
    return [
        (*composition[:i], *composition[i + 1 :])
        for i, name in enumerate(composition)
        if PRIMITIVES[name].input_type == PRIMITIVES[name].output_type
    ]


def _needs_every_step(composition: Composition, inputs: list[Any], expected: list[Any]) -> bool:
    return all([run_bounded(shorter, x) for x in inputs] != expected for shorter in without_step(composition))
