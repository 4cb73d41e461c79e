"""Handmade rows in the published forms of HumanEval+ and MBPP+, each with a program that is wrong in a way they see."""

from typing import Any

_ASSERTION = """\
import numpy as np
{imports}
def is_floats(x) -> bool:
    # check if it is float; List[float]; Tuple[float]
    if isinstance(x, float):
        return True
    if isinstance(x, (list, tuple)):
        return all(isinstance(i, float) for i in x)
    if isinstance(x, np.ndarray):
        return x.dtype == np.float64 or x.dtype == np.float32
    return False


def assertion(out, exp, atol):
    exact_match = out == exp

    if atol == 0 and is_floats(exp):
        atol = 1e-6
    if not exact_match and atol != 0:
        assert {closeness}
    else:
        assert exact_match, f"out: {{out}}, exp: {{exp}}"

"""
NEWER = "type(out) == type(exp) and np.allclose(out, exp, rtol=1e-07, atol=atol)"
OLDER = "np.testing.assert_allclose(out, exp, rtol=1e-07, atol=atol) is None"
_LOOP = "for i, (inp, exp) in enumerate(zip(inputs, results)):\n    {call}\n"


def _indent(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


def human_eval_plus(
    number: int,
    signature: str,
    body: str,
    inputs: str,
    results: str,
    call: str = "assertion(candidate(*inp), exp, 0)",
    closeness: str = NEWER,
    helpers: str = "",
) -> dict[str, Any]:
    """A row of HumanEval+: ``check`` holds the inputs, the results and the loop; ``body`` is the right one."""
    name = signature.split("(")[0]
    loop = f"inputs = {inputs}\nresults = {results}\n" + _LOOP.format(call=call)
    return {
        "task_id": f"HumanEval/{number}",
        "prompt": f'\n\ndef {signature}:\n    """Do it."""\n',
        "canonical_solution": _indent(body),
        "entry_point": name,
        "test": _ASSERTION.format(imports="", closeness=closeness)
        + helpers
        + f"def check(candidate):\n{_indent(loop)}",
    }


def mbpp_plus(
    number: int, code: str, inputs: str, results: str, call: str, closeness: str = NEWER, helpers: str = ""
) -> dict[str, Any]:
    """A row of MBPP+: the loop stands at the module's level and calls the function by its own name."""
    name = code.split("(")[0].removeprefix("def ")
    tests = f"{helpers}inputs = {inputs}\nresults = {results}\n" + _LOOP.format(call=call)
    return {
        "task_id": number,
        "code": code,
        "prompt": "Write a function.",
        "source_file": "Benchmark Questions Verification V2.ipynb",
        "test_imports": [],
        "test_list": [f"assert {name}(*{inputs}[0]) == {results}[0]"],
        "test": _ASSERTION.format(imports="from math import inf\n", closeness=closeness) + tests,
    }


# Each row with programs, in the form of its completions, and whether they pass.
HUMAN_EVAL_PLUS: list[tuple[dict[str, Any], dict[str, bool]]] = [
    (
        human_eval_plus(
            4, "mean(numbers: list)", "return sum(numbers) / len(numbers)", "[[[1.0, 2.0]], [[0.1] * 3]]", "[1.5, 0.1]"
        ),
        {
            "    return sum(sorted(numbers)) / len(numbers) + 1e-9\n": True,
            "    return 1.5\n": False,
            "    return [1.5]\n": False,
        },
    ),
    (
        human_eval_plus(
            5,
            "halves(numbers)",
            "return [x / 2 for x in numbers]",
            "[[[1.0, 3.0]], [[]], [[2.0]]]",
            "[[0.5, 1.5], [], [1.0]]",
            closeness=OLDER,
        ),
        {
            "    return [x * 0.5 + 1e-12 for x in numbers]\n": True,
            "    return [x / 2 for x in numbers] + [0.0]\n": False,
            "    return [x / 2 + 1e-3 for x in numbers]\n": False,
        },
    ),
    (
        human_eval_plus(
            32,
            "root(xs: list)",
            "return -xs[0] / xs[1]",
            "[[[1, 2]], [[-6, 3]]]",
            "[None, None]",
            call="assertion(_poly(*inp, candidate(*inp)), 0, 0.0001)",
            closeness="np.allclose(out, exp, rtol=1e-07, atol=atol)",
            helpers="import math\n\n\ndef _poly(xs: list, x: float):\n"
            "    return sum(c * math.pow(x, i) for i, c in enumerate(xs))\n\n\n",
        ),
        {"    return -xs[0] / xs[1] + 1e-5\n": True, "    return -xs[0] / xs[1] + 1e-3\n": False},
    ),
    (
        human_eval_plus(
            50,
            "shift(s)",
            "return s[1:] + s[:1]",
            "[['abc'], ['']]",
            "None, None",
            call="assertion(candidate(*inp), ref_func(*inp), 0)",
            helpers='def ref_func(s):\n    """Over\n    two lines."""\n    return s[1:] + s[:1]\n\n\n',
        ),
        {"    return ''.join(s[i - len(s) + 1] for i in range(len(s)))\n": True, "    return s\n": False},
    ),
    (
        human_eval_plus(
            136,
            "ends(numbers)",
            "return (min(numbers), None) if numbers else (None, None)",
            "[[[3, 1]], [[]]]",
            "[(1, None), (None, None)]",
        ),
        {
            "    return (sorted(numbers) or [None])[0], None\n": True,
            "    return [min(numbers, default=None), None]\n": False,
        },
    ),
]
MBPP_PLUS: list[tuple[dict[str, Any], dict[str, bool]]] = [
    (
        mbpp_plus(
            2,
            "def similar(a, b):\n    return tuple(set(a) & set(b))",
            "[[(3, 4), (4, 5)], [(1,), ()]]",
            "[(4,), ()]",
            "assertion(set(similar(*inp)), set(exp), 0)",
        ),
        {
            "def similar(a, b):\n    return [x for x in a if x in b]": True,
            "def similar(a, b):\n    return a": False,
        },
    ),
    (
        mbpp_plus(
            3,
            "def largest(x):\n    return max(x, default=float('-inf'))",
            "[[[1.5, inf]], [[]]]",
            "[inf, -inf]",
            "assertion(largest(*inp), exp, 0)",
        ),
        {
            "def largest(x):\n    return sorted([float('-inf'), *x])[-1]": True,
            "def largest(x):\n    return 1e308": False,
        },
    ),
    (
        mbpp_plus(
            4,
            "def nest(x):\n    return ((x, x / 3), [x])",
            "[[1.5], [2.0]]",
            "[((1.5, 0.5), [1.5]), ((2.0, 2 / 3), [2.0])]",
            "assertion(nest(*inp), exp, 0)",
            closeness=OLDER,
        ),
        {
            "def nest(x):\n    return (x, x / 3), [x]": True,
            "def nest(x):\n    return (x, x / 2), [x]": False,
        },
    ),
    (
        mbpp_plus(
            5,
            "def names(text):\n    return {word.strip() for word in text.split(',')}",
            "[['a, b'], ['''one\n  two''']]",
            "[{'a', 'b'}, {'''one\n  two'''}]",
            "assertion(names(*inp), exp, 0)",
        ),
        {
            "def names(text):\n    return frozenset(map(str.strip, text.split(',')))": True,
            "def names(text):\n    return text.split(', ')": False,
        },
    ),
    (
        mbpp_plus(
            6,
            "def turn(z):\n    return z * 1j",
            "[[1 + 2j], [0j]]",
            "[-2 + 1j, 0j]",
            "assertion(turn(*inp), exp, 1e-4)",
        ),
        {"def turn(z):\n    return complex(-z.imag, z.real + 1e-6)": True, "def turn(z):\n    return z": False},
    ),
]
