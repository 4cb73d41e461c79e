"""What a grading can end in, and the limits that it runs under."""

from dataclasses import dataclass
from enum import StrEnum

from workflow_scripts.core.errors import UserError


class Verdict(StrEnum):
    """How one program did; only ``PASSED`` earns a reward."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIME_LIMIT = "time_limit"
    WALL_LIMIT = "wall_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    FORBIDDEN = "forbidden"


class InfrastructureError(Exception):
    """The sandbox or the machine failed, so that nothing is known about the program; never a reward of 0."""


class UnsupportedTests(UserError):
    """Tests that this grader cannot judge safely, or at all; says which problem and why."""


class BrokenTests(UnsupportedTests):
    """Tests that cannot run in any process, or that judge nothing: nothing is known about any program."""


@dataclass(frozen=True)
class Limits:
    """Bounds on one program.

    ``cpu_seconds`` of processor time decide the time limit, or the problem's own limit times ``time_limit_factor``
    (appendix F: 3). ``wall_seconds`` are the backstop: so long may a program sleep or wait without computing.
    ``memory_bytes`` bound its address space, ``stack_bytes`` its stack, which is memory too and no larger, and
    ``output_bytes`` what it answers or prints. The compiler has own bounds.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    stack_bytes: int
    output_bytes: int
    time_limit_factor: float
    compile_cpu_seconds: float
    compile_memory_bytes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "stack_bytes", min(self.stack_bytes, self.memory_bytes))


@dataclass(frozen=True)
class Grade:
    """A verdict and, in a short line, what it rests on."""

    verdict: Verdict
    detail: str
