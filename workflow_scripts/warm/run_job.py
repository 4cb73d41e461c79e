"""Run ``python -m MODULE ARGUMENTS...``, in a fork of the workflow's warm server where there is one.

    python -S -m workflow_scripts.warm.run_job MODULE ARGUMENTS...

The job has this process's arguments, environment, working directory and standard streams, and this process ends as the
job does: with its exit status, or by the same signal. Without a server, or where the server is not sure to do the same
(another interpreter, another environment, code that was edited since), the plain command takes this process's place; so
it does where the server is killed, once the job that died with it is gone. The server's log says so.

SIGTERM, SIGINT and SIGUSR1 are passed on to the job; it is killed where this process ends without it. Measures of this
process's tree, such as Snakemake's benchmark files, do not count a warm job's memory and processor time.
"""

import contextlib
import os
import select
import signal
import socket
import sys
from types import FrameType
from typing import NoReturn

from workflow_scripts.core.cli import run
from workflow_scripts.warm.messages import (
    ADDRESS_VARIABLE,
    COLD,
    LENGTH_BYTES,
    LOG_VARIABLE,
    STATUS_BYTES,
    WARM,
    Request,
    address_of,
    receive,
    same_user,
)

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


def start_cold(module: str, arguments: list[str], reason: str = "") -> NoReturn:
    """Become the plain command; a reason that the server cannot write into its log any more is written there."""
    if reason and (log := os.environ.get(LOG_VARIABLE)):
        # The log is for a person: without it the job starts all the same.
        with contextlib.suppress(OSError), open(log, "a", encoding="utf-8") as handle:
            handle.write(f"{module} starts cold: {reason}\n")
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])


def start_warm(connection: socket.socket, request: Request) -> int:
    """Hand the job to the server; returns a descriptor of its process. A job that is not taken starts cold."""
    packed = request.pack()
    length = len(packed).to_bytes(LENGTH_BYTES, sys.byteorder)
    try:
        folder = os.open(".", os.O_PATH | os.O_DIRECTORY)
        socket.send_fds(connection, [length], [0, 1, 2, folder])
        connection.sendall(packed)
        answer, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
    except OSError:
        # The server has ended: nothing has run, and nothing will, as no fork outlives it.
        answer, descriptors = b"", []
    if answer != WARM:
        # Who answers COLD has written down why.
        start_cold(request.module, request.arguments, "" if answer == COLD else "the warm server gave no answer")
    return descriptors[0]


def follow(connection: socket.socket, process: int) -> int | None:
    """Wait for the job's end and pass signals on to it meanwhile.

    Returns its wait status; a signal's number where the job was sent that signal and the server ended before it told
    how the job did; None where the server ended, and the job with it, on nobody's behalf.
    """
    passed_on: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        passed_on.append(number)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, number)

    caught = [number for number in FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
    for number in caught:
        signal.signal(number, pass_on)
    try:
        status = receive(connection, STATUS_BYTES)
    except ConnectionResetError:
        status = b""
    if len(status) == STATUS_BYTES:
        return int.from_bytes(status, sys.byteorder)
    # The kernel kills the job with the server; whoever starts it again must find it gone.
    ended = select.poll()
    ended.register(process, select.POLLIN)
    ended.poll()
    os.close(process)
    for number in caught:
        signal.signal(number, signal.SIG_DFL)
    return passed_on[-1] if passed_on else None


def end_like(status: int) -> NoReturn:
    """End as the process with this wait status did."""
    exit_code = os.waitstatus_to_exitcode(status)
    if exit_code < 0:
        if -exit_code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-exit_code, signal.SIG_DFL)
        os.kill(os.getpid(), -exit_code)
    sys.exit(exit_code)


def main() -> None:
    if not sys.argv[1:] or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return
    module, *arguments = sys.argv[1:]
    if not (name := os.environ.get(ADDRESS_VARIABLE)):
        start_cold(module, arguments)
    connection = socket.socket(socket.AF_UNIX)
    if connection.fileno() <= 2:
        # It took the place of a standard stream that is closed, and that the job is not to be given.
        start_cold(module, arguments)
    try:
        connection.connect(address_of(name))
    except OSError:
        start_cold(module, arguments, "the warm server has ended")
    if not same_user(connection):
        start_cold(module, arguments)
    umask = os.umask(0o077)
    os.umask(umask)
    process = start_warm(connection, Request(sys.executable, umask, module, arguments, dict(os.environ)))
    status = follow(connection, process)
    if status is None:
        start_cold(module, arguments, "the warm server ended during the job, and the job with it")
    end_like(status)


if __name__ == "__main__":
    run(main)
