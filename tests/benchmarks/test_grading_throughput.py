"""Cost of one grading, against an oracle that starts an interpreter for each program, without a sandbox."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from workflow_scripts.grading.code_grader import CodeGrader, Limits, Verdict

PROGRAMS = 200
ORACLE_PROGRAMS = 10
LIMITS = Limits(cpu_seconds=1, wall_seconds=10, memory_bytes=512 << 20, output_bytes=1 << 16)
LAYERS = ("rlimits", "no_new_privs", "landlock", "seccomp")
CALLS = [([[n, n + 1, n + 2]], [2 * n + 4, 2 * n + 2, 2 * n]) for n in range(6)]
PROBLEM = {
    "task_id": "benchmark",
    "language": "python",
    "entry_point": "f",
    "prompt": "",
    "completion_kind": "program",
    "tests": {"kind": "calls", "calls": [{"arguments": arguments, "expected": value} for arguments, value in CALLS]},
}


def program(index: int) -> str:
    return (
        f"def f(xs):\n    # {index}\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out[::-1]\n"
    )


def oracle(text: str) -> bool:
    """One fresh interpreter for one program; no sandbox."""
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=run_unconfined, args=(text, results))
    process.start()
    process.join()
    return bool(results.get())


def run_unconfined(text: str, results: Any) -> None:
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    results.put(all(namespace["f"](*arguments) == value for arguments, value in CALLS))


def processor_seconds() -> float:
    """Processor time of this process and of its children that ended."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(work: Callable[[], None]) -> tuple[float, float]:
    """Wall-clock and processor seconds of some work."""
    wall, processor = time.perf_counter(), processor_seconds()
    work()
    return time.perf_counter() - wall, processor_seconds() - processor


def grade_all(count: int) -> None:
    # Worker processes end with the grader, so that their processor time is counted.
    with CodeGrader(LIMITS, LAYERS) as grader:
        grades = grader.grade(PROBLEM, [program(index) for index in range(count)])
    assert {grade.verdict for grade in grades} == {Verdict.PASSED}


def run_oracle() -> None:
    assert all(oracle(program(index)) for index in range(ORACLE_PROGRAMS))


def test_grading_is_far_cheaper_than_a_process_per_program() -> None:
    start = measure(lambda: grade_all(1))
    ours = [
        (total - once) / (PROGRAMS - 1) for total, once in zip(measure(lambda: grade_all(PROGRAMS)), start, strict=True)
    ]
    theirs = [total / ORACLE_PROGRAMS for total in measure(run_oracle)]
    sys.stdout.write(
        f"\nper program: {1000 * ours[0]:.2f} ms ({1000 * ours[1]:.2f} ms of processor time); a process per program: "
        f"{1000 * theirs[0]:.2f} ms ({1000 * theirs[1]:.2f} ms of processor time)\n"
    )
    assert theirs[0] > 10 * ours[0]
