"""Landlock: this process and its children lose the file system, but for reading given folders, and the network."""

import ctypes
import os
import struct
from collections.abc import Sequence

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # one number on every architecture
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Access rights to files by the first version of the interface that knows them all.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_RIGHTS = {4: 0b11}  # bind and connect
_SCOPES = {6: 0b11}  # abstract sockets and signals of processes outside


def restrict(libc: ctypes.CDLL, readable: Sequence[str]) -> None:
    """Deny everything that this kernel's Landlock can deny, but for reading beneath the folders ``readable``.

    Needs no_new_privs. Raises OSError where the kernel has no Landlock.
    """
    version = _call(libc, _CREATE_RULESET, None, 0, _VERSION_FLAG)
    rights = (_newest(table, version) for table in (_FILE_RIGHTS, _NETWORK_RIGHTS, _SCOPES))
    attributes = struct.pack("=QQQ", *rights)
    ruleset = _call(libc, _CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for folder in readable:
            _allow_reading(libc, ruleset, folder)
        _call(libc, _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, folder: str) -> None:
    handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        _call(libc, _ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", _READ_FILE | _READ_DIR, handle), 0)
    finally:
        os.close(handle)


def _newest(rights: dict[int, int], version: int) -> int:
    return max((value for since, value in rights.items() if since <= version), default=0)


def _call(libc: ctypes.CDLL, *arguments: int | bytes | None) -> int:
    # syscall() reads full words; an int would be passed as 32 bits of one.
    result: int = libc.syscall(*(ctypes.c_long(word) if isinstance(word, int) else word for word in arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
