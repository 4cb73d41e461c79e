"""Answers travel as tagged JSON and are compared strictly."""

import json
from enum import IntEnum
from typing import Any

import pytest

from workflow_scripts.grading.answers import AnswerEncoder, AnswerTooLarge, matches


class Level(IntEnum):
    LOW = 1


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
        (1, Level.LOW),
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
