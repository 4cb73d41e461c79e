"""A grader shared by this folder's tests, and the problems that they grade."""

from collections.abc import Iterator
from typing import Any

import pytest

from workflow_scripts.grading.code_grader import CodeGrader, Limits

LIMITS = Limits(cpu_seconds=0.5, wall_seconds=4.0, memory_bytes=128 << 20, output_bytes=1 << 16)
LAYERS = ("rlimits", "no_new_privs", "landlock", "seccomp")


@pytest.fixture(scope="session")
def grader() -> Iterator[CodeGrader]:
    with CodeGrader(LIMITS, LAYERS, allow_unsplit_asserts=True) as grader:
        yield grader


def call_problem(*calls: tuple[list[Any], Any], entry_point: str = "f") -> dict[str, Any]:
    """A problem whose completions are whole programs that define ``entry_point``."""
    return {
        "task_id": "test",
        "language": "python",
        "entry_point": entry_point,
        "prompt": "",
        "completion_kind": "program",
        "tests": {
            "kind": "calls",
            "calls": [{"arguments": arguments, "expected": value} for arguments, value in calls],
        },
    }
