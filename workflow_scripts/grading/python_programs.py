"""Python programs: judged by calls, by asserts that run in another process, or by their standard output."""

import marshal
import socket
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from workflow_scripts.grading import judging
from workflow_scripts.grading.expectations import bytes_of, speaks_of_nan
from workflow_scripts.grading.needs_of_tests import needs_of
from workflow_scripts.grading.sandbox.wire import Job
from workflow_scripts.grading.sandbox.zygote_process import Outcome, Request, ZygoteProcess, collect, input_file
from workflow_scripts.grading.verdicts import BrokenTests, Grade


class PythonPrograms:
    """Judges Python programs with the zygotes of one worker."""

    def __init__(self, zygote: Callable[[str], ZygoteProcess]) -> None:
        self._zygote = zygote

    def judge_calls(self, problem: Mapping[str, Any], program: bytes, cpu_seconds: float) -> Grade:
        """The grade of a program by its answers to calls; it gets the arguments, never the expected values."""
        calls = problem["tests"]["calls"]
        task = {"entry_point": problem["entry_point"], "calls": [call["arguments"] for call in calls]}
        size = bytes_of([call["expected"] for call in calls])
        request = Request(Job.CALLS, cpu_seconds, marshal.dumps(task), program, expected_bytes=size)
        return judging.judge_calls(self._run(request), calls)

    def judge_tests(self, problem: Mapping[str, Any], program: bytes, cpu_seconds: float) -> Grade:
        """The grade of a program by asserts in a process of their own; raises UnsupportedTests."""
        entry_point = problem["entry_point"]
        try:
            task = _test_task(
                problem["prompt"],
                problem["completion_kind"],
                entry_point,
                problem["tests"]["code"],
                speaks_of_nan(problem),
            )
        except BrokenTests as error:
            raise BrokenTests(f"problem {problem['task_id']}: {error}") from None
        pair = self._zygote("program"), self._zygote("tests")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            # What the tests compare with, they hold or compute.
            size = bytes_of(problem["tests"]["code"])
            name = entry_point.encode()
            pair[0].send(Request(Job.SERVE, cpu_seconds, name, program, [theirs.fileno()], expected_bytes=size))
            pair[1].send(Request(Job.TEST, cpu_seconds, task, b"", [ours.fileno()], expected_bytes=size))
        return judging.judge_tests(problem["task_id"], *collect(pair))

    def judge_unsplit_tests(self, problem: Mapping[str, Any], program: bytes, cpu_seconds: float) -> Grade:
        """The grade of a program by asserts in its own process, where it can forge the result."""
        task = {"entry_point": problem["entry_point"], "asserts": problem["tests"]["code"]}
        outcome = self._run(Request(Job.CALLS, cpu_seconds, marshal.dumps(task), program))
        return judging.judge_unsplit_asserts(outcome)

    def run(self, program: bytes, case: Mapping[str, str], cpu_seconds: float) -> Outcome:
        """How a program that reads the input of a case ends."""
        size = bytes_of(case["output"])
        with input_file(case["input"]) as descriptor:
            return self._run(Request(Job.STDIO, cpu_seconds, b"", program, [descriptor], expected_bytes=size))

    def _run(self, request: Request) -> Outcome:
        zygote = self._zygote("program")
        zygote.send(request)
        return collect([zygote])[0]


@lru_cache(maxsize=256)
def _test_task(prompt: str, completion_kind: str, entry_point: str, code: str, allow_nan: bool) -> bytes:
    # A prompt to be continued is a program once its open function has a body; it may define what the tests use.
    prelude = prompt + "    pass\n" if completion_kind == "continuation" else ""
    needs = needs_of(code)
    return marshal.dumps(
        {
            "entry_point": entry_point,
            "prelude": prelude,
            "asserts": code,
            "imports": needs.imports,
            "names": sorted(needs.names),
            "allow_nan": allow_nan,
        }
    )
