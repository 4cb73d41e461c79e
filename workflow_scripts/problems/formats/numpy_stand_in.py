"""What published tests use of numpy, in plain Python: the sandbox gives tests no numpy.

This file's text stands in front of such tests (numpy_in_tests.py). It means what numpy means for numbers and for nested
lists and tuples of numbers; anything else raises, as there.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

INFINITY = float("inf")


class Float64(float):
    """numpy's type of Python's own floats; no answer of a program is an instance."""


class NoAnswer:
    """In place of ndarray and other types of numpy: no answer of a program is an instance."""


class Truths(list[Any]):
    """What a comparison of arrays gives: as there, it has no truth of its own unless it holds one."""

    def __bool__(self) -> bool:
        if len(self) == 1:
            return bool(self[0])
        raise ValueError("The truth value of an array with more than one element is ambiguous")


def shape_of(value: Any) -> tuple[int, ...]:
    """The lengths of nested sequences from the outside in; ValueError where they are not all alike."""
    if not isinstance(value, list | tuple):
        return ()
    inner = [shape_of(item) for item in value]
    if any(shape != inner[0] for shape in inner):
        raise ValueError("setting an array element with a sequence: the array has an inhomogeneous shape")
    return (len(value), *(inner[0] if inner else ()))


def flat(value: Any) -> list[Any]:
    """All that nested sequences hold."""
    return [part for item in value for part in flat(item)] if isinstance(value, list | tuple) else [value]


def require_numbers(value: Any) -> None:
    """Raise TypeError for what an array of numbers cannot hold."""
    for part in flat(value):
        if not isinstance(part, int | float | complex):
            raise TypeError(f"ufunc 'isfinite' not supported for the input types: {type(part).__name__}")


def pairwise(function: Callable[[Any, Any], bool], first: Any, second: Any) -> Any:
    """The function of all pairs, after numpy's rule for shapes."""
    shapes = shape_of(first), shape_of(second)
    for length, other in zip(reversed(shapes[0]), reversed(shapes[1]), strict=False):
        if length != other and 1 not in (length, other):
            raise ValueError(f"operands could not be broadcast together with shapes {shapes[0]} {shapes[1]}")

    def paired(left: Any, right: Any, depth: int, other: int) -> Any:
        if depth > other:
            return Truths(paired(item, right, depth - 1, other) for item in left)
        if depth < other:
            return Truths(paired(left, item, depth, other - 1) for item in right)
        if not depth:
            return function(left, right)
        left, right = left * len(right) if len(left) == 1 else left, right * len(left) if len(right) == 1 else right
        return Truths(paired(*pair, depth - 1, other - 1) for pair in zip(left, right, strict=True))

    return paired(first, second, len(shapes[0]), len(shapes[1]))


def is_finite(number: Any) -> bool:
    return bool(abs(number) < INFINITY)


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether numbers differ by at most atol + rtol * abs(b); an infinity is close to itself alone."""

    def close(left: Any, right: Any) -> bool:
        if equal_nan and left != left and right != right:
            return True
        return bool(left == right or (is_finite(right) and abs(left - right) <= atol + rtol * abs(right)))

    require_numbers(a)
    require_numbers(b)
    return pairwise(close, a, b)


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all pairs are close."""
    return all(flat(isclose(a, b, rtol, atol, equal_nan)))


def assert_allclose(
    actual: Any,
    desired: Any,
    rtol: float = 1e-7,
    atol: float = 0,
    equal_nan: bool = True,
    **_messages: Any,
) -> None:
    """AssertionError unless all pairs are close and the shapes are equal, or one is a number."""
    shapes = shape_of(actual), shape_of(desired)
    if not (shapes[0] == shapes[1] or () in shapes) or not allclose(actual, desired, rtol, atol, equal_nan):
        raise AssertionError(f"Not equal to tolerance rtol={rtol:g}, atol={atol:g}")


def array_equal(a1: Any, a2: Any) -> bool:
    """Whether shapes and all pairs are equal."""
    try:
        # By pairs, since equal lists may hold one and the same NaN.
        return shape_of(a1) == shape_of(a2) and all(x == y for x, y in zip(flat(a1), flat(a2), strict=True))
    except ValueError:
        return False


def each(function: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """The function of every number of nested sequences."""

    def apply(value: Any) -> Any:
        return Truths(map(apply, value)) if isinstance(value, list | tuple) else function(value)

    return apply


numpy = SimpleNamespace(
    inf=INFINITY,
    nan=float("nan"),
    abs=abs,
    absolute=abs,
    allclose=allclose,
    array_equal=array_equal,
    isclose=isclose,
    isfinite=each(is_finite),
    isinf=each(lambda number: abs(number) == INFINITY),
    # The sum is for None and texts, which raise TypeError as there.
    isnan=each(lambda number: number + 0 != number),
    float64=Float64,
    testing=SimpleNamespace(assert_allclose=assert_allclose),
    **dict.fromkeys(
        ("ndarray", "generic", "number", "floating", "integer", "float16", "float32", "int32", "int64", "bool_"),
        NoAnswer,
    ),
)
