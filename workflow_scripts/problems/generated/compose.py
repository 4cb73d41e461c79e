"""What a composition of primitives looks like: its hash, its prompt and its reference completion, in Python and C++."""

import hashlib
from collections.abc import Sequence

from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition
from workflow_scripts.problems.generated.primitive import CPP_TYPES

ENTRY_POINT = "solve"
# The language that a domain trains in.
DOMAINS = ("py", "cpp")


def composition_hash(composition: Composition) -> str:
    """The BLAKE2b hash (16 hexadecimal digits) of the names joined by ``|``."""
    return hashlib.blake2b("|".join(composition).encode(), digest_size=8).hexdigest()


def describe(composition: Composition, natural_language: str = "en") -> str:
    """One sentence that names the steps in order, in English (``en``) or German (``de``)."""
    if natural_language == "de":
        text = ", dann ".join(PRIMITIVES[name].german for name in composition)
    else:
        text = ", then ".join(PRIMITIVES[name].english for name in composition)
    return text[0].upper() + text[1:] + "."


def python_prompt(composition: Composition, natural_language: str = "en") -> str:
    """The function's head and docstring; the completion goes on from there."""
    return f'def {ENTRY_POINT}(x):\n    """{describe(composition, natural_language)}"""\n'


def python_completion(expressions: Sequence[str]) -> str:
    """The function's body, one line per expression in ``x``."""
    *steps, last = expressions
    return "".join(f"    x = {step}\n" for step in steps) + f"    return {last}\n"


def reference_expressions(composition: Composition) -> list[str]:
    """The Python expressions of the composition's primitives, in order."""
    return [PRIMITIVES[name].python for name in composition]


def cpp_prompt(composition: Composition, natural_language: str = "en") -> str:
    """Includes, the description as a comment, and the function's head with its opening brace."""
    first, last = PRIMITIVES[composition[0]], PRIMITIVES[composition[-1]]
    head = f"{CPP_TYPES[last.output_type]} {ENTRY_POINT}({CPP_TYPES[first.input_type]} x) {{"
    return f"#include <bits/stdc++.h>\nusing namespace std;\n\n// {describe(composition, natural_language)}\n{head}\n"


def cpp_completion(composition: Composition) -> str:
    """The C++ function's body and its closing brace: one lambda per step, then their application."""
    if len(composition) == 1:
        return f"    {PRIMITIVES[composition[0]].cpp}\n}}\n"
    lines, call = [], "x"
    for number, name in enumerate(composition, start=1):
        step = PRIMITIVES[name]
        parameter, result = CPP_TYPES[step.input_type], CPP_TYPES[step.output_type]
        lines.append(f"    auto step{number} = []({parameter} x) -> {result} {{ {step.cpp} }};\n")
        call = f"step{number}({call})"
    return "".join(lines) + f"    return {call};\n}}\n"
