"""Compiled programs: executing a binary, and running the compiler; everything here happens inside the sandbox."""

import ctypes
import errno
import json
import os
from collections.abc import Sequence

_AT_EMPTY_PATH = 0x1000
_EXECVEAT = {"x86_64": 322, "aarch64": 281}
_BINARY = "program"
_KEPT_MESSAGE_BYTES = 2000
_COPIED_BYTES = 1 << 20
# Each step of the compiler's driver runs below a shell, which leaves a file behind where SIGKILL ended it (128 + 9).
_NOTE_KILLED = ("-wrapper", '/bin/sh,-c,"$0" "$@"; s=$?; test $s -ne 137 || : >killed; exit $s')


def execute(binary: int, libc: ctypes.CDLL) -> bytes:
    """Become the binary that a descriptor holds; returns a JSON report with ``refused`` only where that fails."""
    arguments = (ctypes.c_char_p * 2)(b"program", None)
    environment = (ctypes.c_char_p * 1)(None)
    number = ctypes.c_long(_EXECVEAT[os.uname().machine])
    libc.syscall(number, ctypes.c_long(binary), b"", arguments, environment, ctypes.c_long(_AT_EMPTY_PATH))
    return json.dumps({"refused": errno.errorcode.get(ctypes.get_errno(), "unknown")}).encode()


def compile_source(task: bytes, source: bytes, binary: int) -> bytes:
    """Compile C++ source in the working folder into the file that a descriptor holds.

    ``task`` is JSON: ``command``, the compiler's with its flags but without files, and the ``libraries`` to link. The
    JSON report holds the compiler's wait ``status``, the beginning and end of its ``messages``, and ``killed``: whether
    one of its steps was ended by SIGKILL, as told by their parent, since any words can be the source's.
    """
    content = json.loads(task)
    compiler, *flags = content["command"]
    with open("program.cpp", "wb") as file:
        file.write(source)
    status = _run([compiler, *_NOTE_KILLED, *flags, "program.cpp", "-o", _BINARY, *content["libraries"]])
    if status == 0:
        with open(_BINARY, "rb") as file:
            while chunk := file.read(_COPIED_BYTES):
                os.write(binary, chunk)
    with open("messages", "rb") as file:
        messages = file.read()
    if len(messages) > 2 * _KEPT_MESSAGE_BYTES:
        messages = messages[:_KEPT_MESSAGE_BYTES] + b"\n...\n" + messages[-_KEPT_MESSAGE_BYTES:]
    killed = os.WIFSIGNALED(status) or os.path.exists("killed")
    return json.dumps({"status": status, "messages": messages.decode(errors="replace"), "killed": killed}).encode()


def _run(command: Sequence[str]) -> int:
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        messages = os.open("messages", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(messages, 1)
        os.dup2(messages, 2)
        environment = {"PATH": os.pathsep.join([os.path.dirname(command[0]), "/usr/bin", "/bin"]), "LC_ALL": "C"}
        os.execve(command[0], list(command), environment | {"TMPDIR": os.getcwd()})
    finally:
        os._exit(127)
