"""What a child of a zygote does, once it is confined; everything here happens inside the sandbox."""

import ctypes
import os
from dataclasses import dataclass

from workflow_scripts.grading import candidate, native, tester
from workflow_scripts.grading.wire import Job

# Jobs whose standard output is collected.
WITH_OUTPUT = (Job.STDIO, Job.EXECUTE)
CHANNEL = 3  # where both sides of a split test find each other


@dataclass(frozen=True)
class Ends:
    """Descriptors of a child: for its report, for its standard output (-1: none), and those of the request."""

    report: int
    output: int
    given: list[int]

    def arrange(self, job: Job) -> None:
        """Put the given descriptors where the program expects them; needs calls that a confined child may not make."""
        if job in WITH_OUTPUT:
            os.dup2(self.given[-1], 0)
            os.dup2(self.output, 1)
        elif job in (Job.SERVE, Job.TEST, Job.EXECUTE_SPLIT):
            os.dup2(self.given[-1], CHANNEL)
        elif job is Job.COMPILE:
            os.setpgid(0, 0)  # so that the compiler's processes can be ended together


def run(job: Job, task: bytes, program: bytes, ends: Ends, output_bytes: int, libc: ctypes.CDLL) -> bytes:
    """Do a job; returns the child's report as JSON. A binary that could be executed does not come back."""
    if job is Job.CALLS:
        return candidate.report_on_calls(task, program, output_bytes)
    if job is Job.SERVE:
        return candidate.report_on_service(task, program, CHANNEL, output_bytes)
    if job is Job.STDIO:
        return candidate.report_on_script(program)
    if job is Job.TEST:
        return tester.report_on_tests(task, CHANNEL, output_bytes)
    if job is Job.COMPILE:
        return native.compile_source(task, program, ends.given[0])
    return native.execute(ends.given[0], libc)
