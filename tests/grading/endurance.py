"""Grade thousands of programs in one process, beside busy loops if asked, and measure what is left of them.

Prints, as it goes: gradings per second, and the memory, descriptors, processes and zombies of the grading process and
of those below it. Exits with status 1 where a verdict is wrong or something grows.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.grading.conftest import LAYERS, LIMITS, assert_problem, call_problem, stdio_problem
from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.code_grader import CodeGrader, Verdict

_RIGHT = "def f(n):\n    return n * n\n# {}\n"
_RIGHT_LINES = "print(int(input()) ** 2)\n# {}\n"
_SQUARES = [(n, n * n) for n in range(2, 8)]
_PROBLEMS = (
    call_problem(*(([n], square) for n, square in _SQUARES)),
    assert_problem("def check(candidate):\n" + "".join(f"    assert candidate({n}) == {s}\n" for n, s in _SQUARES)),
    stdio_problem(("3\n", "9\n")),
)
_WRONG = ("def f(n):\n    return n\n# {}\n", "print(0)\n# {}\n")

# Grades are remembered, which is why the grading process may grow by so much per grading, up to a bound.
_GRADER_BYTES = 1000
_WORKER_BYTES = 50
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """What the grading process and the processes below it use at one moment."""

    gradings: int
    seconds: float
    grader_bytes: int
    worker_bytes: int
    descriptors: int
    processes: int
    zombies: int

    def __str__(self) -> str:
        return (
            f"{self.gradings} gradings, {self.gradings / self.seconds:.0f} per second; resident: grader "
            f"{self.grader_bytes >> 10} KiB, its processes {self.worker_bytes >> 10} KiB; "
            f"{self.descriptors} descriptors, {self.processes} processes, {self.zombies} zombies"
        )


def correct_programs(count: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Pairs of a problem and a right completion; kinds of tests take turns and no two texts are equal."""
    for index in range(count):
        problem = _PROBLEMS[index % len(_PROBLEMS)]
        yield problem, (_RIGHT_LINES if problem["tests"]["kind"] == "stdio" else _RIGHT).format(index)


def mixed_programs(count: int) -> Iterator[tuple[dict[str, Any], str, Verdict]]:
    """Right and wrong programs in turn, with their verdicts."""
    for index, (problem, right) in enumerate(correct_programs(count)):
        wrong = _WRONG[problem["tests"]["kind"] == "stdio"].format(index)
        yield (problem, wrong, Verdict.FAILED) if index // len(_PROBLEMS) % 2 else (problem, right, Verdict.PASSED)


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """So many processes that compute without end, on the cores that this process may use."""
    cores = os.sched_getaffinity(0)
    loops = [
        subprocess.Popen([sys.executable, "-S", "-c", f"import os\nos.sched_setaffinity(0, {cores})\nwhile True: pass"])
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def children(pid: int) -> list[int]:
    """Process ids of the children of any thread of a process."""
    found = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def parents_and_states() -> dict[int, tuple[int, str]]:
    """Of every process: its parent's process id, and its state (Z: a zombie)."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
            found[int(stat.parent.name)] = int(parent), state
    return found


def descendants(pid: int, but: Sequence[int] = ()) -> dict[int, str]:
    """Process ids below a process, with their states; ``but`` are left out, with all below them."""
    processes = parents_and_states()
    below = {pid}
    while more := {child for child, (parent, _) in processes.items() if parent in below and child not in but} - below:
        below |= more
    return {child: processes[child][1] for child in below - {pid}}


def measure(gradings: int, seconds: float, but: Sequence[int] = ()) -> Usage:
    """This process's use, and that of the processes below it except ``but``."""
    below = descendants(os.getpid(), but)
    return Usage(
        gradings=gradings,
        seconds=seconds,
        grader_bytes=_resident_bytes(os.getpid()),
        worker_bytes=sum(map(_resident_bytes, below)),
        descriptors=len(os.listdir("/proc/self/fd")),
        processes=len(below),
        zombies=sum(state == "Z" for state in below.values()),
    )


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def grade_many(grader: CodeGrader, gradings: int, samples: int) -> Iterator[Usage]:
    """Grade right and wrong programs; yields what is used, ``samples`` times. Raises UserError for a wrong verdict."""
    programs = list(mixed_programs(gradings))
    others = list(descendants(os.getpid(), grader.worker_pids()))
    started, every = time.monotonic(), max(1, gradings // samples)
    verdicts = grader.grade_each((problem, completion) for problem, completion, _ in programs)
    for index, (grade, (problem, completion, expected)) in enumerate(zip(verdicts, programs, strict=True), start=1):
        if getattr(grade, "verdict", None) is not expected:
            raise UserError(f"grading {index}: {grade} instead of {expected}: {problem['tests']}, {completion!r}")
        if index % every == 0:
            yield measure(index, time.monotonic() - started, others)


def growth(usages: Sequence[Usage]) -> list[str]:
    """What grew more than it may from the second quarter to the end; empty where nothing did."""
    steady = usages[len(usages) // 4 :]
    first, last = steady[0], steady[-1]
    gradings = last.gradings - first.gradings
    found = []
    for name, bound in (("grader_bytes", _GRADER_BYTES), ("worker_bytes", _WORKER_BYTES)):
        # The least of the end against the least of the beginning: a single sample may catch a program at work.
        third = max(1, len(steady) // 3)
        before, after = (min(getattr(usage, name) for usage in part) for part in (steady[:third], steady[-third:]))
        if after - before > bound * gradings:
            found.append(f"{name}: {before} to {after} in {gradings} gradings")
    for name in ("descriptors", "processes", "zombies"):
        if getattr(last, name) > getattr(first, name):
            found.append(f"{name}: {getattr(first, name)} to {getattr(last, name)}")
    return found


def main() -> None:
    """Parse, grade, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradings", type=int, default=100_000, help="how many (default: %(default)s)")
    parser.add_argument("--load", type=int, default=0, help="busy loops beside them (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="of the grader (default: %(default)s)")
    parser.add_argument("--samples", type=int, default=20, help="how often to measure (default: %(default)s)")
    arguments = parser.parse_args()
    usages = []
    with (
        busy_loops(arguments.load),
        CodeGrader(replace(LIMITS, cpu_seconds=1.0, wall_seconds=10.0), LAYERS, workers=arguments.workers) as grader,
    ):
        grader.self_test()
        for usage in grade_many(grader, arguments.gradings, arguments.samples):
            usages.append(usage)
            print(usage, flush=True)
    if found := growth(usages):
        raise UserError("; ".join(found))
    print("every verdict was right; nothing grew beyond its bounds")


if __name__ == "__main__":
    run(main)
