"""Every primitive: typed, total and bounded on any input, and the same in Python and in C++."""

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_scripts.problems.generated.catalogue import PRIMITIVES, compositions
from workflow_scripts.problems.generated.primitive import CPP_TYPES, TOPICS
from workflow_scripts.problems.generated.problem_rows import cpp_problem
from workflow_scripts.problems.generated.values import (
    MAX_INTEGER,
    MAX_LIST_LENGTH,
    MAX_TEXT_LENGTH,
    draw_input,
    is_bounded,
)
from workflow_scripts.problems.generated.verify_cpp import verify_cpp_references

INTEGERS = st.one_of(st.integers(-50, 50), st.integers(-MAX_INTEGER, MAX_INTEGER))
CHARACTERS = st.characters(min_codepoint=32, max_codepoint=126)
WORDS = st.text(CHARACTERS, max_size=8)
ANY_VALUE = {
    "int": INTEGERS,
    "str": st.one_of(WORDS, st.text(CHARACTERS, max_size=MAX_TEXT_LENGTH)),
    "ints": st.lists(INTEGERS, max_size=MAX_LIST_LENGTH),
    "strs": st.lists(st.one_of(WORDS, st.text(CHARACTERS, max_size=MAX_TEXT_LENGTH)), max_size=MAX_LIST_LENGTH),
}
PYTHON_TYPES = {"int": (int, None), "str": (str, None), "ints": (list, int), "strs": (list, str)}
EDGE_VALUES = {
    "int": [0, 1, -1, -8, -255, 1023],
    "str": ["", " ", "a", "A1 b", "aa  bb ", "~z9Z["],
    "ints": [[], [0], [-3], [-1, -8, -9], [7, 7, 7], [5, -5, 5]],
    "strs": [[], [""], ["a"], ["bb", "", "aa"], ["a", "a b", "Zz9"]],
}


@pytest.mark.parametrize("value_type", ANY_VALUE)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_every_primitive_is_typed_pure_total_and_bounded(value_type, data):
    value = data.draw(ANY_VALUE[value_type])
    before = copy.deepcopy(value)
    for primitive in PRIMITIVES.values():
        if primitive.input_type != value_type:
            continue
        result = primitive.apply(value)
        assert value == before, primitive.name
        container, element = PYTHON_TYPES[primitive.output_type]
        assert type(result) is container, primitive.name
        if element is not None:
            assert all(type(part) is element for part in result), primitive.name
        assert _size(result) <= 2 * _largest_size(), primitive.name


def _size(value):
    """Characters and decimal digits in a value: what a step can cost in memory."""
    return sum(map(_size, value)) if isinstance(value, list) else len(str(value))


def _largest_size():
    return MAX_LIST_LENGTH * (MAX_TEXT_LENGTH + 1)


@pytest.mark.parametrize("value_type", ANY_VALUE)
def test_generated_inputs_are_bounded_not_empty_and_varied(value_type):
    rng = random.Random(0)
    drawn = [draw_input(value_type, rng) for _ in range(300)]
    assert all(is_bounded(value) and value not in ([], "") for value in drawn)
    assert len({repr(value) for value in drawn}) > 150


@pytest.mark.parametrize(
    "value",
    [10**9 + 1, -(10**9) - 1, "x" * 201, [0] * 65, ["x" * 201], [10**9 + 1], "tab\t", "ä", [["nested"] * 65]],
)
def test_values_beyond_the_bounds_are_refused(value):
    assert not is_bounded(value)


@pytest.mark.parametrize("value", [10**9, -(10**9), "x" * 200, [0] * 64, [], "", " ~"])
def test_values_at_the_bounds_are_accepted(value):
    assert is_bounded(value)


def test_the_catalogue_covers_the_five_topics_with_distinct_short_phrases():
    primitives = list(PRIMITIVES.values())
    assert 85 <= len(primitives) <= 100
    for topic in TOPICS:
        assert 15 <= sum(primitive.topic == topic for primitive in primitives) <= 25
    for phrases in ([p.english for p in primitives], [p.german for p in primitives]):
        assert len(set(phrases)) == len(phrases)
        assert all(phrase == phrase.strip() and not phrase.endswith(".") for phrase in phrases)
    assert max(len(primitive.english) for primitive in primitives) <= 45
    assert max(len(primitive.python) for primitive in primitives) <= 65
    assert len({(p.input_type, p.output_type, p.python) for p in primitives}) == len(primitives)
    assert {p.input_type for p in primitives} | {p.output_type for p in primitives} == set(CPP_TYPES)


def test_cpp_agrees_with_python_for_every_primitive():
    rng = random.Random(1)
    rows = []
    for (name,) in compositions(1):
        primitive = PRIMITIVES[name]
        inputs = EDGE_VALUES[primitive.input_type] + [draw_input(primitive.input_type, rng) for _ in range(5)]
        results = [(value, primitive.apply(value)) for value in inputs]
        calls = [{"arguments": [value], "expected": result} for value, result in results if is_bounded(result)]
        assert len(calls) >= 8, name
        rows.append(cpp_problem("py", name, (name,), calls, "en"))
    verify_cpp_references(rows)
