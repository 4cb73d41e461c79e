"""Answers travel as tagged JSON and are compared strictly."""

import contextlib
import json
from collections import Counter, namedtuple
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.grading.answers import AnswerEncoder, AnswerTooLarge, Decoder, matches
from workflow_scripts.grading.inside.arguments import ArgumentEncoder, NotPassable, NumberedDecoder


class Level(IntEnum):
    LOW = 1


Point = namedtuple("Point", "x y")


class Liar(str):
    def __eq__(self, other: object) -> bool:
        return True

    def __str__(self) -> str:
        return "y"

    __hash__ = str.__hash__


class Refused(BaseException):
    """What a stand-in or a NaN raises here."""


def refuse(*_: Any) -> Any:
    raise Refused


decode = Decoder().decode


def answer(value: Any) -> Any:
    return json.loads(AnswerEncoder(10_000).encode(value))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (1, 1),
        (2**200, 2**200),
        (-(2**63), -(2**63)),
        (0.5, 0.5),
        (float("inf"), float("inf")),
        ("ä\n\ud800", "ä\n\ud800"),
        (True, True),
        (None, None),
        ([1, [2, "x"]], [1, [2, "x"]]),
        ([1, [2]], (1, (2,))),
        ({"a": [1]}, {"a": (1,)}),
        ({}, {}),
        # Of a derived type, what the plain type holds, whatever its own methods say.
        (1, Level.LOW),
        ({"a": 2}, Counter("aa")),
        ([1, 2], Point(1, 2)),
        ("x", Liar("x")),
    ],
)
def test_equal_values_match(expected: Any, value: Any) -> None:
    assert matches(expected, answer(value))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (1, True),
        (True, 1),
        (1, 1.0),
        (1.0, 1),
        (0, None),
        ("1", 1),
        ([1, 2], {1, 2}),
        ([1], [1, 2]),
        ([], None),
        ({"1": 2}, {1: 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, [["a", 1]]),
        ({"int": "0x1"}, 1),
        (float("nan"), float("nan")),
        (2**200, 2**200 + 1),
        ([1], object()),
        (None, object()),
    ],
)
def test_unequal_values_do_not_match(expected: Any, value: Any) -> None:
    assert not matches(expected, answer(value))


@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"int": 5},
        {"int": "5"},
        {"dict": 5},
        {"dict": [["a"]]},
        {"dict": [["a", 1], ["a", 1]]},
        {"dict": [[["a"], 1], ["b", 1]]},
        {"tuple": {"tuple": []}},
        {"unknown": []},
        {"int": "0x5", "tuple": []},
    ],
)
@pytest.mark.parametrize("expected", [5, [5], {"a": 1, "b": 1}, None])
def test_malformed_answers_do_not_match(expected: Any, forged: Any) -> None:
    assert not matches(expected, forged)


def test_budget_bounds_all_answers_together() -> None:
    encoder = AnswerEncoder(100)
    encoder.encode("x" * 60)
    with pytest.raises(AnswerTooLarge):
        encoder.encode("x" * 60)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.integers() | st.text(), inner)
        | st.frozensets(st.integers())
    ),
    max_leaves=20,
)
TAGS = (
    *("int", "tuple", "set", "frozenset", "dict", "bytes", "complex", "range", "other", "x", "argument", "bytearray"),
    *("deque", "keys", "values", "items", "iterator", "fraction", "decimal", "date", "time", "datetime", "timedelta"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["1e999999999", "2020-02-30"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(TAGS), inner, max_size=2),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_are_decoded_as_they_were(value: Any) -> None:
    decoded = decode(json.loads(AnswerEncoder(1_000_000).encode(value)))
    assert decoded == value
    assert type(decoded) is type(value)


@given(JSON, JSON)
def test_forged_content_is_decoded_or_refused(content: Any, changes: Any) -> None:
    decoder = NumberedDecoder(False, refuse, refuse, refuse)
    decoder.objects = [[1], {2: 3}]
    for part in (content, *({tag: content} for tag in TAGS)):
        with contextlib.suppress(ValueError, Refused):
            decoder.decode(part)
    for forged in (changes, [changes], [[0, changes]], [[1, changes], [0, content]]):
        with contextlib.suppress(ValueError, Refused):
            decoder.change(forged)


def test_nesting_too_deep_is_refused() -> None:
    content: Any = []
    for _ in range(100_000):
        content = {"tuple": [content]}
    with pytest.raises((ValueError, RecursionError)):
        decode(content)


def test_what_does_not_travel_is_named() -> None:
    with pytest.raises(NotPassable, match="a function"):
        ArgumentEncoder().request(([answer],), {})
    with pytest.raises(NotPassable, match="a generator"):
        ArgumentEncoder().request((), {"x": (item for item in [1])})
    assert answer(answer) == {"other": "function"}
