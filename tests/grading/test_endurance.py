"""Busy machines, thousands of gradings and processes that are killed: no verdict changes and nothing is left."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.grading.conftest import LAYERS, LIMITS, assert_problem, call_problem, stdio_problem
from tests.grading.endurance import busy_loops, children, correct_programs, descendants, grade_many, growth
from tests.patience import await_that, runs
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError, Verdict

ROOT = Path(__file__).resolve().parents[2]
# Of 8 loops and a grader on two cores nothing runs at once, which is no reason to fail a program.
PATIENT = replace(LIMITS, cpu_seconds=1.0, wall_seconds=5.0)
KILLS = 33


@pytest.mark.whole
def test_no_correct_program_changes_its_verdict_beside_eight_busy_loops() -> None:
    with CodeGrader(PATIENT, LAYERS) as grader:
        grader.self_test()
        with busy_loops(8):
            verdicts = Counter(getattr(grade, "verdict", grade) for grade in grader.grade_each(correct_programs(1000)))
    assert verdicts == {Verdict.PASSED: 1000}


@pytest.mark.whole
def test_thousands_of_gradings_leave_nothing() -> None:
    """The full count of 100,000 is a command: python -m tests.grading.endurance."""
    with CodeGrader(PATIENT, LAYERS) as grader:
        grader.self_test()
        usages = list(grade_many(grader, gradings=2000, samples=20))
    assert not growth(usages), "\n".join(map(str, usages))


def slow_programs() -> Iterator[tuple[dict[str, Any], str, Verdict]]:
    """Right and wrong programs that compute for some milliseconds, so that a kill meets them; endless."""
    work = "\nfor _ in range(300_000):\n    pass\n# {}\n"
    squares = [(n, n * n) for n in range(2, 5)]
    calls = call_problem(*(([n], square) for n, square in squares))
    asserts = assert_problem(
        "def check(candidate):\n" + "".join(f"    assert candidate({n}) == {s}\n" for n, s in squares)
    )
    lines = stdio_problem(("3\n", "9\n"))
    index = 0
    while True:
        index += 1
        for right, verdict in (("n * n", Verdict.PASSED), ("n", Verdict.FAILED)):
            for problem in (calls, asserts):
                yield problem, f"def f(n):\n    return {right}\n" + work.format(index), verdict
            yield lines, f"n = int(input())\nprint({right})\n" + work.format(index), verdict


class Killer(threading.Thread):
    """Kills processes of a grader at random instants: its zygotes, their first children, and what runs below them.

    A kill follows some gradings, so that a slow machine has no more of them per grading. ``begun`` counts these.
    """

    def __init__(self, grader: CodeGrader, kills: int, others: list[int]) -> None:
        super().__init__()
        self._grader, self._left, self._others = grader, kills, others
        self._draw = random.Random(0)
        self.begun = 0
        self.killed: Counter[str] = Counter()

    def run(self) -> None:
        next_kill = 0
        while self._left:
            time.sleep(self._draw.uniform(0.01, 0.05))
            if self.begun < next_kill:
                continue
            kind = ("zygote", "reaper", "program")[self._left % 3]
            victims = self._victims(kind)
            if victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._draw.choice(victims), signal.SIGKILL)
                    self.killed[kind] += 1
                    self._left -= 1
                    next_kill = self.begun + self._draw.randint(3, 6)

    def _victims(self, kind: str) -> list[int]:
        zygotes = [pid for pid in children(os.getpid()) if pid not in self._others]
        if kind == "zygote":
            return zygotes
        # Of a zygote's children the first is the one that collects orphans; it starts before every program.
        families = [sorted(children(zygote)) for zygote in zygotes]
        return [child for family in families for child in (family[:1] if kind == "reaper" else family[1:])]

    def finished(self) -> bool:
        """Whether all kills were made."""
        return self._left == 0

    def stop(self) -> None:
        """Make no more of them."""
        self._left = 0
        self.join()


def test_killed_processes_are_replaced_or_an_error_and_never_a_verdict() -> None:
    others = children(os.getpid())
    verdicts = 0
    with CodeGrader(PATIENT, LAYERS) as grader:
        grader.self_test()
        killer = Killer(grader, KILLS, others)
        killer.start()
        try:
            for problem, program, expected in slow_programs():
                killer.begun += 1
                with contextlib.suppress(InfrastructureError):
                    (grade,) = grader.grade(problem, [program])
                    assert grade.verdict is expected, (grade, program)
                    verdicts += 1
                if killer.finished():
                    break
        finally:
            killer.stop()
        assert min(killer.killed.values()) >= KILLS // 3
        # Most kills go unnoticed, and the grader is well.
        assert verdicts >= 2 * KILLS
        (grade,) = grader.grade(call_problem(([3], 9)), ["def f(n):\n    return n * n\n"])
        assert grade.verdict is Verdict.PASSED
    assert children(os.getpid()) == others


# The compiler's driver, its parts, and what it made.
# Some steps of the compiler are over before they are found.
_ATTEMPTS_TO_KILL = 20


@pytest.mark.parametrize("name", ["x86_64-linux-gn", "cc1plus", "as", "collect2", "ld", "/memfd:"])
def test_a_killed_compiler_or_binary_is_no_verdict(compiled: Path, name: str) -> None:
    """As where the kernel is out of memory: the program is not to blame, nor is that remembered of it."""
    # The filler keeps the assembler and the linker busy for long enough to be found.
    program = (
        'void filler() {{ asm(".rept 2000000\\n nop\\n .endr"); }}\n'
        "long long f(long long n) {{ for (volatile int i = 0; i < 20'000'000; ++i) {{}} return n * n; }}\n// {}\n"
    )
    problem = assert_problem(
        "#include <cassert>\nint main() { assert(f(3) == 9); }\n", language="cpp", prompt="long long f(long long n) {\n"
    )
    killed: list[int] = []
    with CodeGrader(PATIENT, LAYERS, cache_folder=compiled) as grader:
        grader.grade(problem, [program.format("first")])
        for attempt in range(_ATTEMPTS_TO_KILL):
            if killed and attempt > 1:
                break
            over = threading.Event()
            killer = threading.Thread(target=kill_first, args=(name, killed, over))
            killer.start()
            text = program.format(f"{name} {attempt}")
            with contextlib.suppress(InfrastructureError):
                (grade,) = grader.grade(problem, [text])
                assert grade.verdict is Verdict.PASSED, grade
            over.set()
            killer.join()
            (grade,) = grader.grade(problem, [text])
            assert grade.verdict is Verdict.PASSED, grade
    assert killed


def kill_first(name: str, killed: list[int], over: threading.Event) -> None:
    """Kill the first process below this one that has a name or executes a file whose path begins so."""
    while not over.is_set():
        for pid in descendants(os.getpid()):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                names = Path(f"/proc/{pid}/comm").read_text().strip(), os.readlink(f"/proc/{pid}/exe")
                if names[0].startswith(name) or names[1].startswith(name):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return


def test_nothing_outlives_a_grading_process_that_is_killed() -> None:
    code = (
        "from tests.grading.test_endurance import *\n"
        "with CodeGrader(PATIENT, LAYERS, workers=2) as grader:\n"
        "    grader.self_test()\n"
        "    print('started', flush=True)\n"
        "    for _ in grader.grade_each((problem, program) for problem, program, _ in slow_programs()):\n"
        "        pass\n"
    )
    draw = random.Random(1)
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            time.sleep(draw.uniform(0, 0.3))
            # Stopped, so that what is listed is what there is.
            process.send_signal(signal.SIGSTOP)
            below = descendants(process.pid)
            process.kill()
        assert len(below) >= 4
        await_that(lambda below=below: not any(map(runs, below)))
