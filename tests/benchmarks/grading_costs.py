"""Measure what a grading costs, beside human-eval's mechanism in the same run, and print it as JSON.

Milliseconds per program, of processor time and of wall clock, are the least of some interleaved repeats: what else the
machine does only adds to them.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.grading import human_eval_oracle
from tests.grading.conftest import LAYERS, assert_problem, call_problem
from tests.grading.endurance import descendants
from workflow_scripts.core.cli import run
from workflow_scripts.grading.code_grader import CodeGrader, Limits, Verdict
from workflow_scripts.problems.import_problems import converter, import_rows
from workflow_scripts.problems.published_rows import read_rows

LIMITS = Limits(
    cpu_seconds=3.0,
    wall_seconds=10.0,
    memory_bytes=512 << 20,
    output_bytes=1 << 16,
    time_limit_factor=3.0,
    compile_cpu_seconds=10.0,
    compile_memory_bytes=2 << 30,
)
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOP = "for _ in range(8_000_000): pass"

Pairs = Sequence[tuple[dict[str, Any], str]]


@dataclass(frozen=True)
class Cost:
    """Seconds that some work took, of this process and of all below it."""

    processor: float
    wall: float


def cost_of(work: Callable[[], None]) -> Cost:
    """What a piece of work costs; processes that it leaves running count as far as they got."""
    wall, processor = time.perf_counter(), _processor_seconds()
    work()
    return Cost(_processor_seconds() - processor, time.perf_counter() - wall)


def _processor_seconds() -> float:
    """Processor time of this process, of the processes below it, and of those that they waited for."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    ended = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    ticks = 0
    for pid in descendants(os.getpid()):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
    return ended + ticks / _TICKS_PER_SECOND


def per_program(costs: Sequence[Cost], count: int) -> dict[str, float]:
    """Milliseconds per program, from the least of several repeats."""
    return {
        "processor": 1000 * min(cost.processor for cost in costs) / count,
        "wall": 1000 * min(cost.wall for cost in costs) / count,
    }


def unseen(pairs: Pairs, number: int) -> Pairs:
    """The same programs with a comment, for a grader remembers the texts that it judged."""
    return [(problem, f"{completion}\n# {number}\n") for problem, completion in pairs]


def grade_all(grader: CodeGrader, pairs: Pairs) -> None:
    """Grade right programs."""
    for grade, (problem, _) in zip(grader.grade_each(pairs), pairs, strict=True):
        assert getattr(grade, "verdict", None) is Verdict.PASSED, (problem["task_id"], grade)


def run_oracle(pairs: Pairs) -> None:
    """Judge right programs by human-eval's mechanism."""
    for problem, completion in pairs:
        assert human_eval_oracle.check_correctness(problem, completion, timeout=3.0), problem["task_id"]


def compare(pairs: Pairs, oracle_pairs: Pairs, repeats: int) -> dict[str, Any]:
    """One worker against human-eval's mechanism, in turn, and how much of two cores was free meanwhile."""
    ours, theirs, cores = [], [], FreeCores()
    with CodeGrader(LIMITS, LAYERS) as grader:
        grade_all(grader, unseen(pairs[:3], -1))
        for repeat in range(repeats):
            fresh = unseen(pairs, repeat)
            ours.append(cost_of(lambda fresh=fresh: grade_all(grader, fresh)))
            theirs.append(cost_of(lambda: run_oracle(oracle_pairs)))
            cores.measure()
    return {
        "grader": per_program(ours, len(pairs)),
        "human_eval": per_program(theirs, len(oracle_pairs)),
        "processes": cores.speedup(),
    }


class FreeCores:
    """How many times the work of one busy process two do; 2 where two cores are free."""

    def __init__(self) -> None:
        self._seconds: dict[int, list[float]] = {1: [], 2: []}

    def measure(self) -> None:
        """Once each, for a quarter of a second or so."""
        command = [sys.executable, "-S", "-c", _LOOP]
        for number, seconds in self._seconds.items():
            started = time.perf_counter()
            running = [subprocess.Popen(command) for _ in range(number)]
            for process in running:
                process.wait()
            seconds.append(time.perf_counter() - started)

    def speedup(self) -> float:
        """By the least of the times."""
        return 2 * min(self._seconds[1]) / min(self._seconds[2])


def human_eval_pairs(file: Path) -> Pairs:
    """HumanEval's problems with their references."""
    imported = import_rows(read_rows(file), converter("humaneval"))
    return [(problem, problem["reference"]) for problem in imported if isinstance(problem, dict)]


def call_pairs(count: int) -> Pairs:
    """A problem of six call tests with different right programs."""
    return [(call_problem(*_CALLS), _DOUBLES.format(index)) for index in range(count)]


def assert_pairs(count: int) -> Pairs:
    """The same questions as assert tests."""
    asserts = "".join(f"    assert candidate({arguments[0]!r}) == {value!r}\n" for arguments, value in _CALLS)
    problem = assert_problem(f"def check(candidate):\n{asserts}")
    return [(problem, _DOUBLES.format(index)) for index in range(count)]


_CALLS = [([[n, n + 1, n + 2]], [2 * n + 4, 2 * n + 2, 2 * n]) for n in range(6)]
_DOUBLES = "def f(xs):\n    # {}\n    out = []\n    for x in xs:\n        out.append(x * 2)\n    return out[::-1]\n"


def compare_workers(count: int, repeats: int) -> dict[str, float]:
    """How many times the programs per second of one worker two have, and how much of two cores was free meanwhile."""
    pairs = [pair for both in zip(call_pairs(count), assert_pairs(count), strict=True) for pair in both]
    seconds: dict[int, list[float]] = {1: [], 2: []}
    cores = FreeCores()
    with CodeGrader(LIMITS, LAYERS, workers=1) as one, CodeGrader(LIMITS, LAYERS, workers=2) as two:
        graders = {1: one, 2: two}
        for grader in graders.values():
            grade_all(grader, unseen(pairs[:8], -1))  # starts the workers
        for repeat in range(repeats):
            for number, grader in graders.items():
                fresh = unseen(pairs, repeat)
                seconds[number].append(cost_of(lambda fresh=fresh, grader=grader: grade_all(grader, fresh)).wall)
            cores.measure()
    return {"workers": min(seconds[1]) / min(seconds[2]), "processes": cores.speedup()}


def compare_parents(resident_bytes: int, count: int, repeats: int) -> dict[str, float]:
    """Milliseconds of wall clock per program, start of the grader included, in a small process and in a large one."""
    pairs = [*call_pairs(count), *assert_pairs(count)]

    def costs() -> list[Cost]:
        return [cost_of(lambda repeat=repeat: _grade_once(unseen(pairs, repeat))) for repeat in range(repeats)]

    small = costs()
    memory = bytearray(resident_bytes)
    memory[::_PAGE] = b"x" * len(range(0, resident_bytes, _PAGE))
    large = costs()
    del memory
    small += costs()
    return {"small": per_program(small, len(pairs))["wall"], "large": per_program(large, len(pairs))["wall"]}


def _grade_once(pairs: Pairs) -> None:
    with CodeGrader(LIMITS, LAYERS) as grader:
        grade_all(grader, pairs)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=("human-eval", "calls", "workers", "parents"))
    parser.add_argument("--human-eval", type=Path, help="human-eval: HumanEval's file")
    parser.add_argument("--resident-gib", type=int, default=4, help="parents: of the large one (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="interleaved (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.measure == "human-eval":
        pairs = human_eval_pairs(arguments.human_eval)
        measured: dict[str, Any] = compare(pairs, pairs, arguments.repeats)
    elif arguments.measure == "calls":
        measured = compare(call_pairs(300), assert_pairs(60), arguments.repeats)
    elif arguments.measure == "workers":
        measured = compare_workers(150, arguments.repeats)
    else:
        measured = compare_parents(arguments.resident_gib << 30, 60, arguments.repeats)
    print(json.dumps(measured))


if __name__ == "__main__":
    run(main)
