"""What a child of a zygote does, once it is confined; everything here happens inside the sandbox."""

import ctypes
import marshal
import os
import sys

from workflow_scripts.grading.inside import candidate, native, scripts, tester
from workflow_scripts.grading.sandbox.wire import FIRST_CALL, Job

# Jobs whose standard output is collected.
WITH_OUTPUT = (Job.STDIO, Job.EXECUTE)
# Of every kind of end: an answer, an exception, text that is no program.
_REHEARSED = (
    b"def f(x):\n    y = [v for i, v in enumerate(x) if v == x[i]]\n    return {'a': y[::-1]}\n",
    b"def f(x):\n    return x + 1\n",
    b"def f(x:\n    return x)\n",
)
_REHEARSALS = 20
CHANNEL = 3  # where both sides of a split test find each other
_TESTS_REPORT = 16  # where compiled tests find their report (remote_calls.hpp); above all that a child is given


def arrange(job: Job, given: list[int], report: int) -> None:
    """Put descriptors where the program expects them; needs calls that a confined child may not make.

    ``given`` are those of the request, and behind them the one for standard output where the job has that.
    """
    if job in WITH_OUTPUT:
        os.dup2(given[-2], 0)
        os.dup2(given[-1], 1)
    elif job in (Job.SERVE, Job.TEST, Job.EXECUTE_SPLIT, Job.EXECUTE_TESTS):
        os.dup2(given[-1], CHANNEL)
        if job is Job.EXECUTE_TESTS:
            os.dup2(report, _TESTS_REPORT)
    elif job is Job.COMPILE:
        os.setpgid(0, 0)  # so that the compiler's processes can be ended together


def run(
    job: Job, task: bytes, program: bytes, given: list[int], output_bytes: int, report_end: int, libc: ctypes.CDLL
) -> bytes:
    """Do a job; returns the child's report as JSON. A script or a binary that could be executed does not come back."""
    if job is Job.CALLS:
        return candidate.report_on_calls(task, program, output_bytes)
    if job is Job.SERVE:
        return candidate.report_on_service(task, program, CHANNEL, output_bytes)
    if job is Job.STDIO:
        scripts.run(program, report_end)
    if job is Job.TEST:
        return tester.report_on_tests(task, CHANNEL, output_bytes, lambda: os.write(report_end, FIRST_CALL))
    if job is Job.COMPILE:
        return native.compile_source(task, program, given[0])
    return native.execute(given[0], libc)


def rehearse() -> None:
    """Do harmless jobs in this process, so that its children find written what Python writes down on first use.

    Python specializes code that runs often, and remembers what it looked up; else each child would do that anew.
    """
    task = marshal.dumps({"entry_point": "f", "calls": [[[1, 2.5, "a", None, True]], [[3]], [3]]})
    for program in _REHEARSED:
        for _ in range(_REHEARSALS):
            candidate.report_on_calls(task, program, 1 << 20)
    for _ in range(_REHEARSALS):
        tester.rehearse(candidate.rehearse)
        scripts.rehearse()
    del sys.modules[candidate.MODULE_NAME]
