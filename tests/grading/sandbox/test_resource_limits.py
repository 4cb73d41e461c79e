"""The shell's limits decide no verdict: the sandbox sets its own, or says which one this machine does not grant."""

import subprocess
import sys
from pathlib import Path

import pytest

from workflow_scripts.grading.code_grader import Limits

ROOT = Path(__file__).resolve().parents[3]
# Prints the verdicts on a deep recursion in both languages, and what the zygotes may have of the limits in question.
_GRADE = """
import resource, sys
from pathlib import Path
from tests.grading.conftest import LAYERS, LIMITS, stdio_problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.code_grader import CodeGrader
deep = "import sys, functools\\nsys.setrecursionlimit(10**6)\\n@functools.cache\\ndef f(n):\\n"
deep += "    return n and 1 + f(n - 1)\\nprint(f(int(input())))\\n"
cpp = "#include <iostream>\\nlong f(long n) { volatile char room[64] = {}; return n ? 1 + f(n - 1) + room[0] : 0; }\\n"
cpp += "int main() { long n; std::cin >> n; std::cout << f(n); }\\n"
try:
    with CodeGrader(LIMITS, LAYERS, cache_folder=Path(sys.argv[1])) as grader:
        verdicts = grader.grade(stdio_problem(("20000", "20000")), [deep])
        verdicts += grader.grade(stdio_problem(("500000", "500000"), language="cpp"), [cpp])
        print([str(grade.verdict) for grade in verdicts])
        for name in ("STACK", "DATA", "CPU", "NPROC"):
            limit = getattr(resource, f"RLIMIT_{name}")
            seen = {resource.prlimit(pid, limit) for pid in grader.worker_pids()}
            print(name, len(seen), *sorted(seen))
except UserError as error:
    print("error:", error)
"""


def graded_under(ulimit: str, compiled: Path) -> list[str]:
    """What a grading prints below a shell's limits."""
    command = ["bash", "-c", f'{ulimit}; exec "$@"', "bash", sys.executable, "-c", _GRADE, str(compiled)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("stack", ["1024", "unlimited"])
def test_a_shells_limits_do_not_bind_a_program(stack: str, compiled: Path) -> None:
    verdicts, *limits = graded_under(f"ulimit -Ss {stack}; ulimit -Sd 1000000; ulimit -St 100", compiled)
    assert verdicts == "['passed', 'passed']"
    seen = {name: values for name, _, values in (line.split(" ", 2) for line in limits)}
    assert seen["STACK"] == f"({128 << 20}, {128 << 20})"
    assert seen["CPU"] == "(-1, -1)"
    assert f"({128 << 20}, {128 << 20})" in seen["DATA"]


@pytest.mark.parametrize(
    ("ulimit", "message"),
    [
        ("-s 1024", "stack_bytes of 134217728: this machine grants less, 1024 by ulimit -Hs where 131072 are needed"),
        ("-d 130000", "memory_bytes of 134217728: this machine grants less, 130000 by ulimit -Hd"),
        ("-t 9", "compile_cpu_seconds of 10: this machine grants less, 9 by ulimit -Ht where 12 are needed"),
    ],
)
def test_a_hard_limit_below_the_sandboxs_is_said_before_any_grade(ulimit: str, message: str, compiled: Path) -> None:
    line, *others = graded_under(f"ulimit {ulimit}", compiled)
    if line == "['passed', 'passed']":
        pytest.skip("this process may raise hard limits")
    assert line.startswith(f"error: {message}"), line
    assert not others


def test_a_stack_is_no_larger_than_the_memory() -> None:
    limits = Limits(1.0, 1.0, 1 << 20, 1 << 30, 1, 1.0, 1.0, 1)
    assert limits.stack_bytes == 1 << 20
