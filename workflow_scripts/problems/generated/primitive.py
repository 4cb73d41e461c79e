"""A primitive: one typed step that a tiny problem is composed of, said in English, German, Python and C++."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

ValueType = Literal["int", "str", "ints", "strs"]

CPP_TYPES: dict[ValueType, str] = {"int": "int", "str": "string", "ints": "vector<int>", "strs": "vector<string>"}

# The themes of the paper's five campaigns (section 5.1), in their order.
TOPICS = (
    "string_manipulation",
    "basic_data_structures",
    "advanced_data_structures",
    "algorithm_design",
    "systems_level",
)


@dataclass(frozen=True)
class Primitive:
    """One pure step ``x -> x``; it is total on its input type and its cost is bounded by its input's size.

    ``python`` is an expression in ``x``; ``english`` and ``german`` are imperative phrases; ``cpp`` is the body of a
    C++17 lambda that takes ``x`` by value and returns the same result for every value within the bounds.
    """

    topic: str
    name: str
    input_type: ValueType
    output_type: ValueType
    python: str
    english: str
    german: str
    cpp: str

    @cached_property
    def apply(self) -> Callable[[Any], Any]:
        """The Python expression as a function."""
        return compile_expression(self.python)


def compile_expression(expression: str) -> Callable[[Any], Any]:
    """Turn an expression in ``x`` that this package wrote into a function; never used on a model's output."""
    function: Callable[[Any], Any] = eval(f"lambda x: {expression}")
    return function
