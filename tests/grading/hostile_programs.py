"""The hostile programs as the suite runs them: each file, against each kind of tests that its header names.

A header of comments says what a program tries, ``against`` which kinds of tests, and the verdicts to ``expect``: one,
or several where the kernel or the C library decides which. ``expect of KIND`` overrides them for one kind. A program
against several kinds defines the entry point ``f``, and against stdio the suite adds the lines that print its answer;
one against stdio alone is whole. ``@ROOT@`` in a program stands for the checkout's folder.

Programs that look for something answer right only where they find it, so that a leak would show as a pass.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.grading.conftest import assert_problem, call_problem, stdio_problem
from workflow_scripts.grading.code_grader import Verdict

FOLDER = Path(__file__).parent / "hostile"
ROOT = FOLDER.parents[2]
# In the name of everything that a hostile program makes.
MARK = "left_behind"

# The last is large enough to be found in memory, and not by chance.
QUESTIONS = (2, 3, 4, 5, 7, 1234567)
_PYTHON_ASSERTS = """
def check(candidate):
    for n in (2, 3, 4, 5, 7):
        assert candidate(n) == n * twice(n) // 2
    assert abs(candidate(1234567) - 1524155677489) < 1e-6
    assert sum(1 for _ in range(candidate(9))) == 81
"""
_CPP_ASSERTS = """
#undef NDEBUG
#include <cassert>
int main() {
    assert(f(2) == 4);
    assert(f(7) == 49);
    assert(f(1234567) == 1524155677489LL);
}
"""
_CASES = tuple((f"{n}\n", f"{n * n}\n") for n in (2, 7, 1234567))
PROBLEMS: dict[str, dict[str, Any]] = {
    "calls": call_problem(*(([n], n * n) for n in QUESTIONS)),
    "asserts": assert_problem(
        _PYTHON_ASSERTS, prompt="def twice(n):\n    return 2 * n\n\n\n", completion_kind="continuation"
    ),
    "stdio": stdio_problem(*_CASES),
    "cpp-asserts": assert_problem(_CPP_ASSERTS, language="cpp", prompt="long long f(long long n) {\n"),
    "cpp-stdio": stdio_problem(*_CASES, language="cpp"),
}
_PRINT_ANSWER = {
    "stdio": "\n\nprint(f(int(input())))\n",
    "cpp-stdio": "\n#include <iostream>\nint main() {\n    int n;\n    std::cin >> n;\n    std::cout << f(n);\n}\n",
}

# A right program that needs much of what hostile programs spoil.
RIGHT = """
import functools, json, math, operator


def f(n):
    marker_of_the_right_program = json.loads(json.dumps([n, n]))
    assert all(map(isinstance, sorted(marker_of_the_right_program), [int, int]))
    assert len(str(n)) == sum(1 for _ in repr(n))
    assert math.pow(n, 2) == functools.reduce(operator.mul, marker_of_the_right_program)
    return abs(n) * type(n)(f"{n}")
"""
RIGHT_CPP = "long long f(long long n) { return n * n; }\n"


@dataclass(frozen=True)
class HostileProgram:
    """One file against one kind of tests."""

    name: str
    kind: str
    text: str
    expected: frozenset[Verdict]

    def __str__(self) -> str:
        return f"{self.name}-{self.kind}"


def hostile_programs() -> list[HostileProgram]:
    """All of them; raises ValueError for a header that does not say what it must."""
    return [program for path in sorted(FOLDER.glob("*.[pc]*")) for program in _read(path)]


def _read(path: Path) -> list[HostileProgram]:
    text = path.read_text(encoding="utf-8").replace("@ROOT@", str(ROOT))
    header = dict(re.findall(r"^(?:#|//) (against|expect(?: of [\w-]+)?): (.*)$", text, re.MULTILINE))
    try:
        kinds = header.pop("against").split()
        verdicts = {key: frozenset(map(Verdict, value.split())) for key, value in header.items()}
        programs = [
            HostileProgram(
                path.name,
                kind,
                text if kinds == ["stdio"] else with_main(text, kind),
                verdicts.get(f"expect of {kind}", verdicts["expect"]),
            )
            for kind in kinds
        ]
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path}: its header must name kinds of tests and verdicts: {error}") from error
    if any(kind not in PROBLEMS or kind.startswith("cpp") != (path.suffix == ".cpp") for kind in kinds):
        raise ValueError(f"{path}: against {', '.join(kinds)}: known are {', '.join(PROBLEMS)}")
    return programs


def with_main(text: str, kind: str) -> str:
    """A program that defines ``f``, made to print its answer where output is what counts."""
    return text + _PRINT_ANSWER.get(kind, "")
