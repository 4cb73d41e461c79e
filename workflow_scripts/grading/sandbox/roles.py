"""What a zygote is for, and with it what it and its children may do."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """Roles of zygotes; each is confined to what its role needs."""

    PYTHON = "python"  # runs Python programs, or tests against them
    NATIVE = "native"  # executes compiled programs
    COMPILER = "compiler"  # runs the C++ compiler


# No dataclass: what that imports would fill memory that each fork of a zygote copies.
class Confinement(NamedTuple):
    """What a zygote of a role may use. ``memory_bytes``: address space; ``stack_bytes``: of it, for the stack;
    ``file_bytes``: largest file it may write.

    ``readable``: files and folders beyond those that the role implies. ``libraries``: folders of which it may read what
    is a library. ``scratch``: an empty folder in which it makes its own to write in; where namespaces are granted, a
    file system in memory lies over it, so that nothing of it reaches a disk.
    """

    role: Role | str
    memory_bytes: int
    stack_bytes: int
    file_bytes: int = 0
    readable: Sequence[str] = ()
    libraries: Sequence[str] = ()
    scratch: str | None = None
