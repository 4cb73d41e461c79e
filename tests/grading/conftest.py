"""A grader shared by this folder's tests, and the problems that they grade."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow_scripts.grading.code_grader import CodeGrader, Grade, Limits

LIMITS = Limits(
    cpu_seconds=0.5,
    wall_seconds=2.0,
    memory_bytes=128 << 20,
    stack_bytes=128 << 20,
    output_bytes=1 << 16,
    time_limit_factor=3.0,
    compile_cpu_seconds=10.0,
    compile_memory_bytes=2 << 30,
)
LAYERS = ("rlimits", "no_new_privs", "capabilities", "landlock", "seccomp", "namespaces", "split_tests")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """Where compiled programs are kept, and headers, which take half a minute: those from one run to the next."""
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "headers").symlink_to(pytestconfig.cache.mkdir("compiler-headers"))
    return folder


@pytest.fixture(scope="session")
def grader(compiled: Path) -> Iterator[CodeGrader]:
    with (
        # What no program may find.
        pytest.MonkeyPatch.context() as patch,
        CodeGrader(LIMITS, LAYERS, cache_folder=compiled) as grader,
    ):
        patch.setenv("GRADING_SECRET", "a secret of the grading process")
        yield grader


def problem_row(tests: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A problem whose completions are whole Python programs that define ``f``; ``changes`` replace its other keys."""
    return {
        "task_id": "test",
        "language": "python",
        "entry_point": "f",
        "prompt": "",
        "completion_kind": "program",
        "tests": tests,
    } | changes


def call_problem(*calls: tuple[list[Any], Any], entry_point: str = "f") -> dict[str, Any]:
    """A problem with call tests: arguments and the expected value."""
    tests = {"kind": "calls", "calls": [{"arguments": arguments, "expected": value} for arguments, value in calls]}
    return problem_row(tests, entry_point=entry_point)


def assert_problem(code: str, **changes: Any) -> dict[str, Any]:
    """A problem with assert tests."""
    return problem_row({"kind": "asserts", "code": code}, **changes)


def stdio_problem(*cases: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """A problem with standard input and the output that belongs to it."""
    tests = {"kind": "stdio", "cases": [{"input": given, "output": output} for given, output in cases]}
    return problem_row(tests, **changes)


def check(*lines: str) -> dict[str, Any]:
    """A problem whose assert tests are the lines of ``check(candidate)``."""
    return assert_problem("def check(candidate):\n" + "".join(f"    {line}\n" for line in lines))


def grade(grader: CodeGrader, problem: dict[str, Any], program: str) -> Grade:
    """The grade of one program."""
    return grader.grade(problem, [program])[0]
