"""Rows of HumanEval whose tests cannot run, or tell no programs apart, are left out with the reason."""

from typing import Any

import pytest

from tests.problems.test_import_problems import imported

PROMPT = 'def f(x):\n    """Double x."""\n'
NO_CHECK, NO_CALL = "its test defines no check(candidate)", "its tests do not call f"
NOTHING, NAN = (
    "every program passes its tests: they assert nothing",
    "no program passes its tests: nothing equals the NaN",
)


def human_eval(**changes: Any) -> dict[str, Any]:
    row = {"task_id": "HumanEval/0", "prompt": PROMPT, "canonical_solution": "    return 2 * x\n", "entry_point": "f"}
    return row | {"test": check("assert candidate(1) == 2")} | changes


def check(*lines: str, parameters: str = "candidate", before: str = "") -> str:
    return f"{before}def check({parameters}):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    "test",
    [
        check("assert candidate(1) == 2", parameters="candidate, eps=1e-6"),
        check("assert f(1) == 2", parameters="function"),
        check("test_cases = [(1, 2)]", "for given, expected in test_cases: assert candidate(given) == expected"),
        check("given = []", "given.append(1)", "for x in given: assert candidate(x) == 2"),
        check("g = candidate", "assert g(1) == 2"),
        check("assert list(map(candidate, [1])) == [2]"),
        check("if candidate(1) != 2: raise ValueError"),
        check("self.assertEqual(candidate(1), 2)", before="import unittest\nself = unittest.TestCase()\n"),
        check("assert candidate(1) != float('nan')", "assert not candidate(1) == float('nan')"),
        check("assert math.isnan(candidate(1)) == math.isnan(math.nan)", before="import math\n"),
        check("assert candidate(1) == " + "2" * 5000),
        check("assert True, 'a debugging aid'", "assert candidate(1) == 2"),
        check("assert candidate('\\d') == 2"),
        "import os\r\n" + check("assert candidate(1) == 2").replace("\n", "\r\n"),
    ],
)
def test_tests_that_tell_programs_apart_stay_as_they_are(test: str) -> None:
    (problem,) = imported("humaneval", human_eval(test=test))
    assert problem["tests"] == {"kind": "asserts", "code": test}


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (check("assert candidate(1) =="), "its tests cannot be read by this Python: invalid syntax"),
        (check("await candidate"), "its tests cannot be read by this Python: 'await' outside async"),
        ("assert f(1) == 2\n", NO_CHECK),
        ('"""\ndef check(candidate):\n    pass\n"""\nassert f(1) == 2\n', NO_CHECK),
        ("class Tests:\n    def check(candidate):\n        assert candidate(1) == 2\n", NO_CHECK),
        ("async " + check("assert candidate(1) == 2"), NO_CHECK),
        (check("assert f(1) == 2", parameters=""), NO_CHECK),
        (check("assert f(1) == 2", parameters="a, b"), NO_CHECK),
        (check("import scipy", "assert candidate(1) == 2"), "its tests import scipy, which the sandbox does not have"),
        (check("assert candidate(1) == 2", before="from .a import b\n"), "its tests import .a, which the sandbox"),
        (check("assert g(1) == 2"), NO_CALL),
        (check("f = candidate", "assert g(1) == 2"), NO_CALL),
        (check("pass"), NO_CALL),
        (check("cases = []", "for x, y in zip(cases, [1]): assert candidate(x) == y"), NO_CALL),
        (check("candidate(1)"), NOTHING),
        (check("assert (candidate(1) == 2, 'no')", "assert 'x'"), NOTHING),
        (check("assert candidate(1) == float('nan')"), NAN),
        (check("assert candidate(1) == [1, -math.nan]", before="import math\n"), NAN),
        (check("assert candidate(1) and (1, nan) == candidate(2)", before="from math import nan\n"), NAN),
    ],
)
def test_tests_that_judge_nobody_are_left_out(test: str, reason: str) -> None:
    (found,) = imported("humaneval", human_eval(test=test))
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"entry_point": "g", "test": check("assert g(1) == 2")}, "its program does not define g"),
        ({"canonical_solution": "    return 2 *\n"}, "its program cannot be read by this Python"),
        ({"prompt": "import numpy as np\n" + PROMPT}, "its prompt imports numpy, which the sandbox does not have"),
    ],
)
def test_prompts_that_nobody_can_complete_are_left_out(changes: dict[str, Any], reason: str) -> None:
    (found,) = imported("humaneval", human_eval(**changes))
    assert found.startswith(reason)


def test_a_solution_may_import_what_the_sandbox_lacks() -> None:
    # Another program may do without.
    (problem,) = imported("humaneval", human_eval(canonical_solution="    import numpy as np\n    return 2 * x\n"))
    assert problem["entry_point"] == "f"


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("int main() { // f(1)\n    return 0;\n}\n", NO_CALL),
        ('int main() { g("f"); assert(g(1) == 2); }\n', NO_CALL),
        ("int main() { f(1); /* assert(f(1) == 2) */ }\n", NOTHING),
        ("// int main()\nvoid check() { assert(f(1) == 2); }\n", "its test has no main()"),
    ],
)
def test_cpp_tests_that_judge_nobody_are_left_out(test: str, reason: str) -> None:
    row = {"task_id": "CPP/0", "prompt": "int f(int x) {\n", "declaration": "int f(int x) {\n"}
    (found,) = imported("humaneval-x-cpp", row | {"canonical_solution": "    return 2 * x;\n}\n", "test": test})
    assert found == reason
