"""A composition and its test calls as a problem row (core/schemas/problem.schema.json)."""

import json
from typing import Any

from workflow_scripts.core.contracts.problems import Call, Description, Problem
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition, topic_of
from workflow_scripts.problems.generated.compose import (
    ENTRY_POINT,
    composition_hash,
    cpp_completion,
    cpp_prompt,
    python_completion,
    python_prompt,
    reference_expressions,
)
from workflow_scripts.problems.generated.primitive import CPP_TYPES, ValueType


def python_problem(
    domain: str, split: str, composition: Composition, calls: list[Call], natural_language: str
) -> Problem:
    """A problem to be solved in Python, described in ``natural_language`` (``en`` or ``de``)."""
    return {
        **_described(domain, split, composition, natural_language),
        "language": "python",
        "prompt": python_prompt(composition, natural_language),
        "reference": python_completion(reference_expressions(composition)),
        "tests": {"kind": "calls", "calls": calls},
    }


def cpp_problem(domain: str, split: str, composition: Composition, calls: list[Call], natural_language: str) -> Problem:
    """The same problem to be solved in C++; the tests are a main() of asserts."""
    return {
        **_described(domain, split, composition, natural_language),
        "language": "cpp",
        "prompt": cpp_prompt(composition, natural_language),
        "reference": cpp_completion(composition),
        "tests": {"kind": "asserts", "code": cpp_asserts(composition, calls)},
    }


def _described(domain: str, split: str, composition: Composition, natural_language: str) -> Description:
    return {
        "task_id": f"{domain}/{split}/{composition_hash(composition)}",
        "natural_language": natural_language,
        "topic": topic_of(composition),
        "depth": len(composition),
        "composition": list(composition),
        "entry_point": ENTRY_POINT,
        "completion_kind": "continuation",
    }


def cpp_asserts(composition: Composition, calls: list[Call]) -> str:
    """A C++ main() with one assert per test call."""
    input_type, output_type = PRIMITIVES[composition[0]].input_type, PRIMITIVES[composition[-1]].output_type
    lines = []
    for call in calls:
        argument, expected = cpp_literal(call["arguments"][0], input_type), cpp_literal(call["expected"], output_type)
        lines.append(f"    assert(({ENTRY_POINT}({argument}) == {expected}));\n")
    return "int main() {\n" + "".join(lines) + "}\n"


def cpp_literal(value: Any, value_type: ValueType) -> str:
    """A value within the bounds as a C++ expression; JSON's escapes of printable ASCII are C++'s."""
    if value_type == "int":
        return str(value)
    if value_type == "str":
        return f"string({json.dumps(value)})"
    return CPP_TYPES[value_type] + "{" + ", ".join(json.dumps(element) for element in value) + "}"
