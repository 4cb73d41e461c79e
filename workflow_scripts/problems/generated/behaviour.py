"""What a composition does on a fixed sample of inputs, and whether that makes a problem worth posing."""

import functools
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition, compositions
from workflow_scripts.problems.generated.primitive import ValueType
from workflow_scripts.problems.generated.values import draw_input, is_bounded

SAMPLE_SIZE = 16
MIN_DISTINCT_OUTPUTS = 5  # of SAMPLE_SIZE
MAX_SHARE_OF_ONE_OUTPUT = 0.5
MAX_SHARE_OF_UNCHANGED = 0.6


@functools.cache
def sample_inputs(value_type: ValueType) -> tuple[Any, ...]:
    """The same SAMPLE_SIZE inputs of a type for every composition, whatever the problem seed."""
    rng = random.Random(derive_seed("behaviour sample", value_type))
    return tuple(draw_input(value_type, rng) for _ in range(SAMPLE_SIZE))


def apply_to_all(function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any] | None:
    """The function's results, or None as soon as one leaves the bounds."""
    results = []
    for value in values:
        result = function(value)
        if not is_bounded(result):
            return None
        results.append(result)
    return results


@functools.cache
def _prefix_outputs(prefix: Composition) -> list[Any] | None:
    return outputs(prefix)


def outputs(composition: Composition) -> list[Any] | None:
    """The composition's results on its sample inputs; None if a value at any step leaves the bounds."""
    *prefix, name = composition
    step = PRIMITIVES[name]
    values = _prefix_outputs(tuple(prefix)) if prefix else list(sample_inputs(step.input_type))
    return None if values is None else apply_to_all(step.apply, values)


def signature(composition: Composition, results: list[Any]) -> str:
    """A digest of input type and results: equal for compositions that compute the same on the sample."""
    text = f"{PRIMITIVES[composition[0]].input_type} {results!r}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@functools.cache
def _signatures(depth: int) -> frozenset[str]:
    """The signatures of all compositions of a depth, no-ops and constants included."""
    return frozenset(
        signature(composition, results)
        for composition in compositions(depth)
        if (results := outputs(composition)) is not None
    )


def accepted_signature(composition: Composition) -> str | None:
    """The signature of a composition that makes a fair problem, else None.

    Refused: a value out of bounds on the sample, a result that is (nearly) constant, a step that changes (nearly)
    nothing, and a composition that computes the same as some shorter one or as none at all.
    """
    results = outputs(composition)
    if results is None or _is_nearly_constant(results) or _has_idle_step(composition, results):
        return None
    digest = signature(composition, results)
    if results == list(sample_inputs(PRIMITIVES[composition[0]].input_type)):
        return None
    if any(digest in _signatures(depth) for depth in range(1, len(composition))):
        return None
    return digest


def _is_nearly_constant(results: list[Any]) -> bool:
    counts = Counter(map(repr, results))
    return len(counts) < MIN_DISTINCT_OUTPUTS or max(counts.values()) > MAX_SHARE_OF_ONE_OUTPUT * len(results)


def _has_idle_step(composition: Composition, results: list[Any]) -> bool:
    after = results
    for length in range(len(composition) - 1, -1, -1):
        step = PRIMITIVES[composition[length]]
        before = _prefix_outputs(composition[:length]) if length else list(sample_inputs(step.input_type))
        assert before is not None  # the longer prefix has outputs
        if step.input_type == step.output_type:
            unchanged = sum(old == new for old, new in zip(before, after, strict=True))
            if unchanged > MAX_SHARE_OF_UNCHANGED * len(results):
                return True
        after = before
    return False
