"""The form of prompts and completions."""

import hashlib

from workflow_scripts.problems.generated.compose import (
    composition_hash,
    cpp_completion,
    cpp_prompt,
    python_completion,
    python_prompt,
    reference_expressions,
)

COMPOSITION = ("sort_ascending", "keep_even", "sum_numbers")


def test_python_prompt_and_reference():
    assert python_prompt(COMPOSITION) == (
        'def solve(x):\n    """Sort the numbers ascending, then keep the even numbers, then sum the numbers."""\n'
    )
    assert python_completion(reference_expressions(COMPOSITION)) == (
        "    x = sorted(x)\n    x = [v for v in x if v % 2 == 0]\n    return sum(x)\n"
    )


def test_german_prompt_keeps_the_head():
    assert python_prompt(("keep_even", "sum_numbers"), "de") == (
        'def solve(x):\n    """Behalte die geraden Zahlen, dann summiere die Zahlen."""\n'
    )


def test_cpp_prompt_and_reference():
    assert cpp_prompt(COMPOSITION).splitlines() == [
        "#include <bits/stdc++.h>",
        "using namespace std;",
        "",
        "// Sort the numbers ascending, then keep the even numbers, then sum the numbers.",
        "int solve(vector<int> x) {",
    ]
    body = cpp_completion(COMPOSITION)
    assert body.endswith("    return step3(step2(step1(x)));\n}\n")
    assert cpp_completion(("text_length",)) == "    return x.size();\n}\n"


def test_composition_hash_is_blake2b_of_the_joined_names():
    expected = hashlib.blake2b(b"sort_ascending|keep_even|sum_numbers", digest_size=8).hexdigest()
    assert composition_hash(COMPOSITION) == expected
    assert composition_hash(COMPOSITION[::-1]) != expected
