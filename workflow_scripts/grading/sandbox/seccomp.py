"""The seccomp policy as two filters, assembled once: one for the zygote, and a short one that each child adds."""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable

from workflow_scripts.grading.sandbox.roles import Role
from workflow_scripts.grading.sandbox.seccomp_policy import (
    ALLOWED,
    ALLOWED_WITH,
    COMPILER_NEEDS,
    FORBIDDEN,
    NATIVE_ALLOWED,
    NATIVE_ALLOWED_WITH,
    NATIVE_REFUSED,
    ZYGOTE_ONLY,
    ZYGOTE_ONLY_BUT_FOR,
    ZYGOTE_ONLY_FORBIDDEN,
    Numbers,
)

# Operation, jump if true, jump if false, operand.
Instruction = tuple[int, int, int, int]

# Of each machine: the column of the policy's numbers, and the kernel's AUDIT_ARCH constant.
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_KILL_PROCESS = 0x80000000
_ERRNO = 0x00050000
_ALLOW = 0x7FFF0000

# Classic BPF: load a word of struct seccomp_data, compare, return.
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _RETURN = 0x20, 0x15, 0x35, 0x06
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_ARGUMENTS = 0, 4, 16
# x32 calls share x86_64's architecture constant and are marked by this bit.
_X32_BIT = 0x40000000

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2


class _FilterProgram(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def zygote_filter(machine: str, role: Role) -> bytes:
    """The filter of a zygote and its children on a machine (``x86_64`` or ``aarch64``).

    BPF instructions of 8 bytes each (little-endian). Installing evaluates it once for every system call, so this
    long one is installed once, and each child adds only ``child_filter``.
    """
    column, architecture = _MACHINES[machine]
    code = [
        (_LOAD, 0, 0, _OFFSET_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _OFFSET_NUMBER),
        (_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL_PROCESS),
    ]
    if role is Role.COMPILER:
        refused = {name: numbers for name, numbers in FORBIDDEN.items() if name not in COMPILER_NEEDS}
        code += [*_verdict_for(refused, column, _KILL_PROCESS), (_RETURN, 0, 0, _ALLOW)]
        return _pack(code)
    forbidden, allowed, allowed_with = FORBIDDEN, ALLOWED, ALLOWED_WITH
    if role is Role.NATIVE:
        forbidden = {name: numbers for name, numbers in FORBIDDEN.items() if name not in NATIVE_REFUSED}
        allowed, allowed_with = ALLOWED | NATIVE_ALLOWED, ALLOWED_WITH | NATIVE_ALLOWED_WITH
    for calls in (allowed, ZYGOTE_ONLY, ZYGOTE_ONLY_FORBIDDEN):
        code += _verdict_for(calls, column, _ALLOW)
    code += _verdict_for({name: numbers for name, (numbers, _, _) in ZYGOTE_ONLY_BUT_FOR.items()}, column, _ALLOW)
    code += _verdict_for(forbidden, column, _KILL_PROCESS)
    code += _allow_with_argument(allowed_with, column)
    code.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
    return _pack(code)


def child_filter(machine: str) -> bytes:
    """The filter that a child adds to its zygote's, in the same form: it takes away what only the zygote may do."""
    column, _ = _MACHINES[machine]
    code = [(_LOAD, 0, 0, _OFFSET_NUMBER)]
    code += _verdict_for(ZYGOTE_ONLY_FORBIDDEN, column, _KILL_PROCESS)
    code += _verdict_for(ZYGOTE_ONLY, column, _ERRNO | errno.EPERM)
    code += _allow_with_argument(ZYGOTE_ONLY_BUT_FOR, column)
    code.append((_RETURN, 0, 0, _ALLOW))
    return _pack(code)


def _verdict_for(calls: dict[str, Numbers], column: int, verdict: int) -> list[Instruction]:
    code = []
    for numbers in calls.values():
        number = numbers[column]
        if number is not None:
            code += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, verdict)]
    return code


def _allow_with_argument(calls: dict[str, tuple[Numbers, int, tuple[int, ...]]], column: int) -> list[Instruction]:
    code = []
    for numbers, argument, values in calls.values():
        number = numbers[column]
        assert number is not None
        # The kernel reads these commands as 32-bit values, so the argument's low word decides.
        block = [(_LOAD, 0, 0, _OFFSET_ARGUMENTS + 8 * argument)]
        for value in values:
            block += [(_JUMP_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
        block.append((_RETURN, 0, 0, _ERRNO | errno.EPERM))
        code += [(_JUMP_EQUAL, 0, len(block), number), *block]
    return code


def _pack(code: list[Instruction]) -> bytes:
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


class SeccompFilters:
    """Both filters, assembled and ready to be installed; installing needs no_new_privs."""

    def __init__(self, libc: ctypes.CDLL, role: Role) -> None:
        machine = os.uname().machine
        if machine not in _MACHINES or sys.maxsize < 2**32:
            raise OSError(errno.ENOTSUP, f"no system call table for {machine}")
        self._libc = libc
        self._zygote = _filter_program(zygote_filter(machine, role))
        self._child = None if role is Role.COMPILER else _filter_program(child_filter(machine))

    def confine_zygote(self) -> None:
        """Confine this process, for good, to what a zygote needs."""
        _installation(self._libc, self._zygote)()

    def child_confinement(self) -> Callable[[], None] | None:
        """What confines a child, for good, to what a program may do; its zygote is confined already."""
        return None if self._child is None else _installation(self._libc, self._child)


def _installation(libc: ctypes.CDLL, program: _FilterProgram) -> Callable[[], None]:
    prctl, address = libc.prctl, ctypes.addressof(program)

    def install() -> None:
        if prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, address, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"seccomp: {os.strerror(number)}")

    return install


def _filter_program(instructions: bytes) -> _FilterProgram:
    return _FilterProgram(len(instructions) // 8, instructions)
