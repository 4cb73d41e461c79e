"""From what children left behind to a verdict: decided outside of the sandbox, by values that never entered it."""

import json
import math
import os
import re
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_scripts.grading.answers import matches
from workflow_scripts.grading.sandbox.wire import EXIT_OUT_OF_MEMORY, FIRST_CALL, SANDBOX_ENTERED, Ending
from workflow_scripts.grading.sandbox.zygote_process import Outcome
from workflow_scripts.grading.verdicts import BrokenTests, Grade, InfrastructureError, UnsupportedTests, Verdict

_DETAIL_CHARACTERS = 200
_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-f]+")
# Longer tokens are compared as texts.
_NUMBER = re.compile(r"(?=.{1,400}$)[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
UNSPLIT = "asserts ran in the program's own process, which could have forged the result"
# Exit statuses of a compiled test (remote_calls.hpp).
_ASSERTION_FAILED, _PEER_LOST, _UNCAUGHT_EXCEPTION, _NOT_A_NUMBER, _ANSWER_TOO_LARGE = 4, 5, 6, 7, 78

_LIMITS = {
    Ending.CPU_LIMIT: Grade(Verdict.TIME_LIMIT, "processor time"),
    Ending.WALL_LIMIT: Grade(Verdict.WALL_LIMIT, "slept or waited too long"),
    Ending.OUTPUT_LIMIT: Grade(Verdict.OUTPUT_LIMIT, "answers or output too large"),
}
_NO_MEMORY = Grade(Verdict.MEMORY_LIMIT, "out of memory")
_NO_REPORT = Grade(Verdict.ERROR, "ended without a readable report")


def judge_calls(outcome: Outcome, calls: Sequence[Mapping[str, Any]]) -> Grade:
    """The grade of a Python program by its answers to calls."""
    if (grade := _bad_ending(outcome)) is not None:
        return grade
    report = _report(outcome)
    outputs = report.get("outputs")
    if not isinstance(outputs, list):
        return _NO_REPORT
    for index, (call, output) in enumerate(zip(calls, outputs, strict=False)):
        if not matches(call["expected"], output):
            return Grade(Verdict.FAILED, f"call {index + 1} of {len(calls)}: wrong answer")
    if len(outputs) == len(calls):
        return Grade(Verdict.PASSED, f"{len(calls)} calls")
    return _judge_early_end(report)


def judge_unsplit_asserts(outcome: Outcome) -> Grade:
    """The grade of a Python program by what it claims of the asserts that ran in its own process."""
    if (grade := _bad_ending(outcome)) is not None:
        return grade
    report = _report(outcome)
    if report.get("asserts") == "passed":
        return Grade(Verdict.PASSED, UNSPLIT)
    if report.get("asserts") == "failed":
        return Grade(Verdict.FAILED, "an assertion failed")
    return _judge_early_end(report)


def judge_tests(task_id: str, candidate: Outcome, tests: Outcome) -> Grade:
    """The grade of a Python program by asserts that ran in another process.

    Raises UnsupportedTests where the tests need more of the program than two processes can express, and BrokenTests
    where they cannot run or never call the program, whatever became of that: nothing is known about it.
    """
    _require_undisturbed(candidate, tests)
    tests_ended = _bad_ending(tests)
    called = tests.report.startswith(SANDBOX_ENTERED + FIRST_CALL)
    report = _report(tests, len(SANDBOX_ENTERED + FIRST_CALL) if called else len(SANDBOX_ENTERED))
    word, detail = report.get("verdict"), report.get("detail", "the tests ended without a report")
    if word == "unsupported":
        raise UnsupportedTests(f"problem {task_id}: {detail}, which programs and tests in two processes cannot express")
    if not called:
        reason = detail if tests_ended is None else f"{tests_ended.verdict} of the tests before they call the program"
        raise BrokenTests(f"problem {task_id}: {reason}")
    if (grade := _bad_ending(candidate)) is not None:
        return grade
    served = _report(candidate)
    if served.get("end") != "served":
        return _judge_early_end(served)
    if tests_ended is not None:
        return Grade(tests_ended.verdict, f"{tests_ended.detail}, in the tests")
    if word == "error":
        return _judge_early_end({"error": detail})
    if word == "limit":
        return _LIMITS[Ending.OUTPUT_LIMIT]
    if word in ("lost", "kind"):
        return Grade(Verdict.ERROR, printable(detail))
    if word == "passed":
        return Grade(Verdict.PASSED, "asserts in another process")
    return Grade(Verdict.FAILED, printable(detail))


def judge_output(outcome: Outcome, expected: str, tolerance: float | None) -> Grade:
    """The grade of one run of a Python program by its exit status and its standard output, token by token."""
    if (grade := _bad_ending(outcome)) is not None:
        return grade
    report = _report(outcome)
    if (code := os.WEXITSTATUS(outcome.status)) != 0:
        early = _judge_early_end(report)
        return Grade(Verdict.ERROR, f"exit status {code}") if early is _NO_REPORT else early
    grade = _compare_output(outcome, expected, tolerance)
    # A program may leave by os._exit(0), as a judge sees it: then nothing else tells of its end.
    return grade if grade.verdict is Verdict.PASSED or report.get("end") == "returned" else _NO_REPORT


def judge_native_output(outcome: Outcome, expected: str | None, tolerance: float | None = None) -> Grade:
    """The grade of one run of a compiled program by its standard output, compared token by token, and its status."""
    if (grade := _bad_native_ending(outcome)) is not None:
        return grade
    if (code := os.WEXITSTATUS(outcome.status)) != 0:
        return Grade(Verdict.ERROR, f"exit status {code}")
    return Grade(Verdict.PASSED, "exit status 0") if expected is None else _compare_output(outcome, expected, tolerance)


def judge_native_tests(task_id: str, candidate: Outcome, tests: Outcome) -> Grade:
    """The grade of a compiled program by a compiled test in another process.

    Raises BrokenTests where the tests came neither to a call nor to their end, whatever became of the program: it had
    no part in that, and nothing is known about it.
    """
    _require_undisturbed(candidate, tests)
    if tests.report != SANDBOX_ENTERED + FIRST_CALL and (reason := _early_native_ending(tests)) is not None:
        raise BrokenTests(f"problem {task_id}: its tests end before they call the program: {reason}")
    if (grade := _bad_native_ending(candidate)) is not None:
        return grade
    if (code := os.WEXITSTATUS(candidate.status)) == _ANSWER_TOO_LARGE:
        return _LIMITS[Ending.OUTPUT_LIMIT]
    if code not in (0, _PEER_LOST):
        return Grade(Verdict.ERROR, "uncaught exception" if code == _UNCAUGHT_EXCEPTION else f"exit status {code}")
    if (grade := _bad_ending(tests)) is not None:
        return Grade(grade.verdict, f"{grade.detail}, in the tests")
    code = os.WEXITSTATUS(tests.status)
    if code == 0 and os.WEXITSTATUS(candidate.status) == 0:
        return Grade(Verdict.PASSED, "asserts in another process")
    if code == _ASSERTION_FAILED:
        return Grade(Verdict.FAILED, "an assertion failed")
    if code == _NOT_A_NUMBER:
        return Grade(Verdict.FAILED, "an answer is not a number (NaN), of which the problem does not speak")
    if code == _PEER_LOST:
        return Grade(Verdict.ERROR, "the program ended early or answered nonsense")
    return Grade(Verdict.FAILED, f"the tests ended with status {code}")


def _compare_output(outcome: Outcome, expected: str, tolerance: float | None) -> Grade:
    try:
        output = outcome.output.decode()
    except UnicodeDecodeError:
        return Grade(Verdict.FAILED, "output is no text in UTF-8")
    printed, wanted = output.split(), expected.split()
    if printed == wanted:
        return Grade(Verdict.PASSED, "output")
    if tolerance is None or len(printed) != len(wanted):
        return Grade(Verdict.FAILED, "wrong output")
    if all(a == b or _is_close(a, b, tolerance) for a, b in zip(printed, wanted, strict=True)):
        return Grade(Verdict.PASSED, f"output, within {tolerance:g}")
    return Grade(Verdict.FAILED, "wrong output")


def _is_close(printed: str, wanted: str, tolerance: float) -> bool:
    """Whether two tokens are numbers, at least one not written as an integer, within an absolute or relative error."""
    if not (_NUMBER.fullmatch(printed) and _NUMBER.fullmatch(wanted)) or (_is_integer(printed) and _is_integer(wanted)):
        return False
    value, expected = float(printed), float(wanted)
    # An infinity, which a number too large becomes, has no distance to anything.
    return math.isfinite(value) and abs(value - expected) <= tolerance * max(1.0, abs(expected))


def _is_integer(number: str) -> bool:
    return number.lstrip("+-").isdigit()


def _require_undisturbed(*outcomes: Outcome) -> None:
    """Raise InfrastructureError where one side was ended from outside, and with it what the other side saw of it."""
    for outcome in outcomes:
        _bad_ending(outcome)


def _bad_ending(outcome: Outcome) -> Grade | None:
    """A grade where the child did not come to its end; raises InfrastructureError where that was not its own doing."""
    if outcome.ending in _LIMITS:
        return _LIMITS[outcome.ending]
    if not outcome.report.startswith(SANDBOX_ENTERED):
        raise InfrastructureError(f"a child could not enter the sandbox (wait status {outcome.status})")
    if os.WIFSIGNALED(outcome.status):
        return _judge_signal(os.WTERMSIG(outcome.status))
    return _NO_MEMORY if os.WEXITSTATUS(outcome.status) == EXIT_OUT_OF_MEMORY else None


def _bad_native_ending(outcome: Outcome) -> Grade | None:
    """As ``_bad_ending``. What the kernel refuses to execute is the program's doing: known ones were executed.

    A source can make the linker write a file of another machine, or one that names any path as its interpreter.
    """
    if outcome.ending not in _LIMITS and (refused := _report(outcome).get("refused")):
        return Grade(Verdict.ERROR, f"the compiled program is none: {refused}")
    return _bad_ending(outcome)


def _early_native_ending(tests: Outcome) -> str | None:
    """How tests ended that did not come to their end, where they see whether the program is still there."""
    if (grade := _bad_native_ending(tests)) is not None:
        return f"{grade.verdict} ({grade.detail})"
    code = os.WEXITSTATUS(tests.status)
    if code in (0, _PEER_LOST):
        return None
    return "an assertion failed" if code == _ASSERTION_FAILED else f"exit status {code}"


def _judge_signal(number: int) -> Grade:
    if number == signal.SIGSYS:
        return Grade(Verdict.FORBIDDEN, "made a forbidden system call")
    if number == signal.SIGXCPU:
        return _LIMITS[Ending.CPU_LIMIT]
    if number == signal.SIGKILL:
        # A program cannot send signals, so this came from outside, such as the kernel short of memory.
        raise InfrastructureError("a child was killed from outside of the sandbox: is the machine out of memory?")
    return Grade(Verdict.ERROR, f"ended by {signal.Signals(number).name}")


def _report(outcome: Outcome, start: int = len(SANDBOX_ENTERED)) -> dict[str, Any]:
    try:
        content = json.loads(outcome.report[start:])
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _judge_early_end(report: dict[str, Any]) -> Grade:
    if report.get("limit") == "output":
        return _LIMITS[Ending.OUTPUT_LIMIT]
    error = report.get("error")
    if report.get("limit") == "memory" or (isinstance(error, list) and error[:1] == ["MemoryError"]):
        return _NO_MEMORY
    if not (isinstance(error, list) and error and all(isinstance(part, str) for part in error)):
        return _NO_REPORT
    return Grade(Verdict.FORBIDDEN if error[0] == "PermissionError" else Verdict.ERROR, printable(": ".join(error)))


def printable(text: str) -> str:
    """The beginning of a text that a program had a hand in, fit for one line.

    The address in an object's default repr, another in each process, is left out: equal programs get equal grades.
    """
    beginning = _ADDRESS.sub("0x...", text[: 2 * _DETAIL_CHARACTERS])[:_DETAIL_CHARACTERS]
    return "".join(character if character.isprintable() else " " for character in beginning)
