"""Run ``python -m MODULE ARGUMENTS...``, in a fork of the workflow's warm server where there is one.

    python -S -m workflow_scripts.core.warm MODULE ARGUMENTS...

The job has this process's arguments, environment, working directory and standard streams, and this process ends as the
job does: with its exit status, or by the same signal. Without a server, or where the server is not sure to do the same
(another interpreter, another environment, code that was edited since), the plain command takes this process's place.

SIGTERM, SIGINT and SIGUSR1 are passed on to the job; it is killed where this process ends without it. Measures of this
process's tree, such as Snakemake's benchmark files, do not count a warm job's memory and processor time.
"""

import os
import select
import signal
import socket
import sys
from typing import NoReturn

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.warm_protocol import (
    ADDRESS_VARIABLE,
    LENGTH_BYTES,
    STATUS_BYTES,
    WARM,
    Request,
    address_of,
    receive,
    same_user,
)

FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


def start_cold(module: str, arguments: list[str]) -> NoReturn:
    """Become the plain command."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])


def start_warm(connection: socket.socket, request: Request) -> int | None:
    """Hand the job to the server; returns a descriptor of its process, or None where it is to be started cold."""
    packed = request.pack()
    length = len(packed).to_bytes(LENGTH_BYTES, sys.byteorder)
    try:
        folder = os.open(".", os.O_PATH | os.O_DIRECTORY)
        socket.send_fds(connection, [length], [0, 1, 2, folder])
        connection.sendall(packed)
        answer, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
    except OSError:
        # The server has ended: nothing has run.
        return None
    return descriptors[0] if answer == WARM else None


def follow(connection: socket.socket, process: int, module: str) -> int:
    """Wait for the job's end and pass signals on to it meanwhile; returns its wait status."""
    for number in FORWARDED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda received, _frame: pass_on(process, received))
    try:
        status = receive(connection, STATUS_BYTES)
    except ConnectionResetError:
        status = b""
    if len(status) < STATUS_BYTES:
        # The kernel kills the job with the server; whoever starts it again must find it gone.
        ended = select.poll()
        ended.register(process, select.POLLIN)
        ended.poll()
        raise UserError(f"{module}: the warm server ended during this job, and the job with it; start the job again")
    return int.from_bytes(status, sys.byteorder)


def pass_on(process: int, number: int) -> None:
    """Send the job a signal, unless it has ended."""
    try:
        signal.pidfd_send_signal(process, number)
    except ProcessLookupError:
        return


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
        start_cold(module, arguments)
    if not same_user(connection):
        start_cold(module, arguments)
    umask = os.umask(0o077)
    os.umask(umask)
    process = start_warm(connection, Request(sys.executable, umask, module, arguments, dict(os.environ)))
    if process is None:
        start_cold(module, arguments)
    end_like(follow(connection, process, module))


if __name__ == "__main__":
    run(main)
