"""What a grading can end in, and the limits that it runs under."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How one program did; only ``PASSED`` earns a reward."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    FORBIDDEN = "forbidden"


class InfrastructureError(Exception):
    """The sandbox or the machine failed, so that nothing is known about the program; never a reward of 0."""


@dataclass(frozen=True)
class Limits:
    """Bounds on one program: processor time, a generous wall-clock backstop, address space, and size of its answers."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int


@dataclass(frozen=True)
class Grade:
    """A verdict and, in a short line, what it rests on."""

    verdict: Verdict
    detail: str
