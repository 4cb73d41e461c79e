"""A fork of the warm server becomes one job: what ``python -m MODULE ARGUMENTS...`` would have been."""

import atexit
import contextlib
import ctypes
import io
import os
import runpy
import signal
import socket
import sys
import traceback
from collections.abc import Collection, Mapping
from typing import NoReturn

from workflow_scripts.warm.messages import COLD, LENGTH_BYTES, STREAMS, WARM, Request, receive

# Read when an interpreter or a library starts, and never again: a job with other values has to start itself.
_READ_AT_START = (
    "ARROW_ ATEN_ GLIBC_ GOMP_ GOTO_ KMP_ LANG LC_ LD_ MALLOC_ MKL_ NUMEXPR_ OMP_ OPENBLAS_ PYTHON PYTORCH_ TORCH_ TZ "
    "VECLIB_"
)
_PREFIXES = tuple(_READ_AT_START.split())
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
# The status of an interpreter that could not flush its standard output.
_FLUSH_FAILED = 120
# The exit status of this process where it became a job that has ended.
_ENDED_WITH: list[int] = []

FileState = tuple[int, int]


def file_states(packages: Collection[str]) -> dict[str, FileState | None]:
    """Size and modification time (ns) of the file of every loaded module of these top-level packages."""
    loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] in packages]
    files = {file for module in loaded if (file := getattr(module, "__file__", None))}
    return {file: file_state(file) for file in sorted(files)}


def file_state(file: str) -> FileState | None:
    """Size and modification time (ns) of a file; None where there is none."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def start_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are read when a process starts, and never again."""
    return {name: value for name, value in environment.items() if name.startswith(_PREFIXES)}


def interpreter(executable: str) -> tuple[str, str]:
    """What tells interpreters apart: python and python3 are one, the pythons of two environments are not."""
    return os.path.realpath(os.path.dirname(executable)), os.path.realpath(executable)


def reason_for_cold(
    request: Request,
    served: Collection[str],
    environment: Mapping[str, str],
    sources: Mapping[str, FileState | None],
) -> str | None:
    """Why a fork of this process might differ from the command; None where it does not.

    ``environment`` is the one that this process was started with; from ``sources`` its modules were read.
    """
    if request.module not in served:
        return "it is no module of this server"
    if interpreter(request.executable) != interpreter(sys.executable):
        return f"it asks for the interpreter {request.executable}"
    ours, theirs = start_variables(environment), start_variables(request.environment)
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            return f"{name} is {theirs.get(name)!r}, and was {ours.get(name)!r} when this server started"
    return next((f"{file} was edited" for file, state in sources.items() if file_state(file) != state), None)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, or end now where it has ended already."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def become_job(
    connection: socket.socket,
    server: int,
    served: Collection[str],
    environment: Mapping[str, str],
    sources: Mapping[str, FileState | None],
) -> NoReturn:
    """Read a request, answer it and, unless it is to start cold, be the job: in a fork of the process ``server``."""
    try:
        die_with(server)
        length, descriptors, _, _ = socket.recv_fds(connection, LENGTH_BYTES, STREAMS)
        request = Request.unpack(receive(connection, int.from_bytes(length, sys.byteorder)))
        if reason := reason_for_cold(request, served, environment, sources):
            report(f"{request.module} starts cold: {reason}")
            connection.sendall(COLD)
            os._exit(0)
        report(f"{request.module} is process {os.getpid()}")
        take_place(request, descriptors)
        process = os.pidfd_open(os.getpid())
        socket.send_fds(connection, [WARM], [process])
        os.close(process)
        connection.close()
    except BaseException:
        # No answer: the client starts the job cold. The reason is for the server's log, or the job's.
        traceback.print_exc()
        os._exit(1)
    end(run_module(request.module, request.arguments))


def report(line: str) -> None:
    """One line in the server's log."""
    print(line, file=sys.stderr, flush=True)


def take_place(request: Request, descriptors: list[int]) -> None:
    """Stand where the client stands: its folder, streams, umask and environment, in a session of its own."""
    os.setsid()
    *streams, folder = descriptors
    os.fchdir(folder)
    os.close(folder)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=os.isatty(1))
    os.umask(request.umask)
    os.environ.clear()
    os.environ.update(request.environment)


def run_module(module: str, arguments: list[str]) -> int:
    """Run a module as ``python -m`` does; returns the exit status."""
    sys.argv = [module, *arguments]
    sys.path[0] = os.getcwd()
    # The module runs under the name __main__, from its file; whoever imports it imports another one, as ever.
    sys.modules.pop(module, None)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as exit_:
        return exit_status(exit_.code)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def exit_status(code: object) -> int:
    """The status that ``sys.exit(code)`` gives; anything but a number is printed."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def end(status: int) -> NoReturn:
    """End as an interpreter does, except that ``leave_memory`` is the last that it does."""
    _ENDED_WITH.append(status)
    sys.exit(status)


@atexit.register
def leave_memory() -> None:
    """Leave a job's memory to the kernel: to take it apart copies it and costs a fifth of a second.

    Registered before any library registers what it does at the end, this comes after all of it, and after the threads.
    """
    if not _ENDED_WITH:
        return
    status = _ENDED_WITH[0]
    try:
        sys.stdout.flush()
    except OSError:
        status = _FLUSH_FAILED
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(status)
