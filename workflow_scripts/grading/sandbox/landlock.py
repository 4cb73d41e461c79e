"""Landlock: this process and its children lose the file system, but for what is granted, and the network."""

import ctypes
import os
import stat
import struct
from collections.abc import Mapping

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # one number on every architecture
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

LIST = 1 << 3  # folders
READ = 1 << 2 | LIST  # files besides
EXECUTE = 1 << 0
WRITE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 14  # files; remove folder, file; make folder, file; truncate
_OF_A_FILE = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14  # the rights that mean something for a single file
# Access rights to files by the first version of the interface that knows them all.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_RIGHTS = {4: 0b11}  # bind and connect
_SCOPES = {6: 0b11}  # abstract sockets and signals of processes outside


def restrict(libc: ctypes.CDLL, granted: Mapping[str, int]) -> None:
    """Deny everything that this kernel's Landlock can deny, but for the rights ``granted`` beneath each path.

    Needs no_new_privs. Raises OSError where the kernel has no Landlock.
    """
    version = _call(libc, _CREATE_RULESET, None, 0, _VERSION_FLAG)
    rights = [_newest(table, version) for table in (_FILE_RIGHTS, _NETWORK_RIGHTS, _SCOPES)]
    attributes = struct.pack("=QQQ", *rights)
    ruleset = _call(libc, _CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, access in granted.items():
            _grant(libc, ruleset, path, access & rights[0])
        _call(libc, _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _grant(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= _OF_A_FILE
        _call(libc, _ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("=Qi", access, handle), 0)
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
