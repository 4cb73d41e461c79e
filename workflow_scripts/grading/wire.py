"""The frames between a grader and its worker process."""

import os
import struct
from enum import IntEnum

# Lengths in bytes of the problem and of the program that follow.
REQUEST = struct.Struct(">II")
# An Ending, the child's wait status, and the length in bytes of the report that follows.
RESPONSE = struct.Struct(">BiI")
# The first byte of a report, sent before the program runs: without it the sandbox failed, which a program cannot feign.
SANDBOX_ENTERED = b"\x01"
# The exit status of a child when even the report of a MemoryError finds no memory.
EXIT_OUT_OF_MEMORY = 77


class Ending(IntEnum):
    """Why a response was sent: how a child ended, or a word from the worker itself."""

    READY = 1
    BROKEN = 2
    EXITED = 3
    CPU_LIMIT = 4
    WALL_LIMIT = 5
    OUTPUT_LIMIT = 6


def read_exactly(descriptor: int, length: int) -> bytes:
    """Read so many bytes from a blocking descriptor; fewer only where the other side closed it."""
    parts = []
    while length and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
