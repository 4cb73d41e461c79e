"""From what a child left behind to a verdict: decided outside of the sandbox, by values that never entered it."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_scripts.grading.answers import matches
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Verdict
from workflow_scripts.grading.wire import EXIT_OUT_OF_MEMORY, SANDBOX_ENTERED, Ending
from workflow_scripts.grading.worker_process import Outcome

_DETAIL_CHARACTERS = 200
UNSPLIT = "asserts ran in the program's own process, which could have forged the result"

_LIMITS = {
    Ending.CPU_LIMIT: Grade(Verdict.TIME_LIMIT, "processor time"),
    Ending.WALL_LIMIT: Grade(Verdict.TIME_LIMIT, "wall clock"),
    Ending.OUTPUT_LIMIT: Grade(Verdict.OUTPUT_LIMIT, "answers too large"),
}


def judge(outcome: Outcome, tests: Mapping[str, Any]) -> Grade:
    """The grade of a program; raises InfrastructureError where the sandbox or the machine failed."""
    if outcome.ending in _LIMITS:
        return _LIMITS[outcome.ending]
    if not outcome.report.startswith(SANDBOX_ENTERED):
        raise InfrastructureError(f"a child could not enter the sandbox (wait status {outcome.status})")
    if os.WIFSIGNALED(outcome.status):
        return _judge_signal(os.WTERMSIG(outcome.status))
    if os.WEXITSTATUS(outcome.status) == EXIT_OUT_OF_MEMORY:
        return Grade(Verdict.MEMORY_LIMIT, "out of memory")
    report = _parse(outcome.report[len(SANDBOX_ENTERED) :])
    if report is None:
        return Grade(Verdict.ERROR, "ended without a readable report")
    if tests["kind"] == "asserts":
        return _judge_asserts(report)
    return _judge_calls(report, tests["calls"])


def _judge_signal(number: int) -> Grade:
    if number == signal.SIGSYS:
        return Grade(Verdict.FORBIDDEN, "made a forbidden system call")
    if number == signal.SIGXCPU:
        return Grade(Verdict.TIME_LIMIT, "processor time")
    if number == signal.SIGKILL:
        # A program cannot send signals, so this came from outside, such as the kernel short of memory.
        raise InfrastructureError("a child was killed from outside of the sandbox: is the machine out of memory?")
    return Grade(Verdict.ERROR, f"ended by {signal.Signals(number).name}")


def _parse(report: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(report)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _judge_calls(report: dict[str, Any], calls: Sequence[Mapping[str, Any]]) -> Grade:
    outputs = report.get("outputs", [])
    if not isinstance(outputs, list):
        return Grade(Verdict.ERROR, "ended without a readable report")
    for index, (call, output) in enumerate(zip(calls, outputs, strict=False)):
        if not matches(call["expected"], output):
            return Grade(Verdict.FAILED, f"call {index + 1} of {len(calls)}: wrong answer")
    if len(outputs) == len(calls):
        return Grade(Verdict.PASSED, f"{len(calls)} calls")
    return _judge_early_end(report)


def _judge_asserts(report: dict[str, Any]) -> Grade:
    if report.get("asserts") == "passed":
        return Grade(Verdict.PASSED, UNSPLIT)
    if report.get("asserts") == "failed":
        return Grade(Verdict.FAILED, "an assertion failed")
    return _judge_early_end(report)


def _judge_early_end(report: dict[str, Any]) -> Grade:
    if report.get("limit") == "output":
        return _LIMITS[Ending.OUTPUT_LIMIT]
    if report.get("limit") == "memory":
        return Grade(Verdict.MEMORY_LIMIT, "out of memory")
    error = report.get("error")
    if not (isinstance(error, list) and error and all(isinstance(part, str) for part in error)):
        return Grade(Verdict.ERROR, "ended without a readable report")
    detail = "".join(
        character if character.isprintable() else " " for character in ": ".join(error)[:_DETAIL_CHARACTERS]
    )
    return Grade(Verdict.FORBIDDEN if error[0] == "PermissionError" else Verdict.ERROR, detail)
