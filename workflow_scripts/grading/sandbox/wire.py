"""The frames between a grader and its zygotes, and between the two processes of a split test."""

import os
import struct
from enum import IntEnum

# A Job, its processor time in milliseconds, by how many bytes it may answer more than the output limit, and the lengths
# in bytes of the task and of the program that follow. Open descriptors travel beside the first byte.
REQUEST = struct.Struct(">BIIII")
# An Ending, the child's wait status (WALL_CHECK: its process id), the lengths in bytes of the report and of the output.
RESPONSE = struct.Struct(">BiII")
# The answer to a WALL_CHECK: seconds to go on for, 0 to stop.
EXTENSION = struct.Struct(">d")
MAX_DESCRIPTORS = 3
# The first byte of a report, sent before the program runs: without it the sandbox failed, which a program cannot feign.
SANDBOX_ENTERED = b"\x01"
# What the tests' process sends after it, before the program is called for the first time: until then no program had a
# part in what became of the tests.
FIRST_CALL = b"\x02"
# The exit status of a child when even the report of a MemoryError finds no memory.
EXIT_OUT_OF_MEMORY = 77

_FRAME = struct.Struct(">I")


class Job(IntEnum):
    """What a child is to do."""

    CALLS = 1  # call the program with each list of arguments, report the answers
    SERVE = 2  # load the program, answer calls that arrive over a channel
    STDIO = 3  # run the program as a script on a given standard input
    TEST = 4  # run assert tests against a channel to the program
    EXECUTE = 5  # execute a binary on a given standard input
    EXECUTE_SPLIT = 6  # execute a binary that talks over a channel
    COMPILE = 7  # compile C++ source to a binary
    EXECUTE_TESTS = 8  # execute a binary that calls a program over a channel, and says so in its report


class Ending(IntEnum):
    """Why a response was sent: how a child ended, or a word from the zygote itself."""

    READY = 1
    BROKEN = 2
    EXITED = 3
    CPU_LIMIT = 4
    WALL_LIMIT = 5
    OUTPUT_LIMIT = 6
    WALL_CHECK = 7


def read_exactly(descriptor: int, length: int) -> bytes:
    """Read so many bytes from a blocking descriptor; fewer only where the other side closed it."""
    content = os.read(descriptor, length) if length else b""
    if len(content) == length:  # as nearly always
        return content
    parts = [content]
    length -= len(content)
    while length and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all of it to a blocking descriptor."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_together(descriptor: int, *contents: bytes | memoryview) -> None:
    """Write all contents to a blocking descriptor, without a copy of them, so that the other side wakes once."""
    written = os.writev(descriptor, contents)
    for content in contents:
        write_all(descriptor, memoryview(content)[written:])
        written = max(0, written - len(content))


def write_frame(descriptor: int, content: bytes) -> None:
    """Write a length and so many bytes."""
    write_all(descriptor, _FRAME.pack(len(content)) + content)


def read_frame(descriptor: int, max_bytes: int) -> bytes | None:
    """The next frame, None at the end of the stream. Raises ValueError for a longer one or one cut short."""
    header = read_exactly(descriptor, _FRAME.size)
    if not header:
        return None
    if len(header) < _FRAME.size:
        raise ValueError("a frame was cut short")
    (length,) = _FRAME.unpack(header)
    if length > max_bytes:
        raise FrameTooLarge(f"a frame of {length} bytes; at most {max_bytes} are read")
    content = read_exactly(descriptor, length)
    if len(content) < length:
        raise ValueError("a frame was cut short")
    return content


class FrameTooLarge(ValueError):
    """The other side announced more than is read."""
