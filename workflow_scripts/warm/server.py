"""A process that has imported what jobs import, and forks one child per job; it runs no job itself.

It belongs to one workflow (see start_server.py), listens on a socket that it inherits, and ends when the other end of
the pipe ``--lifeline`` is closed and its last job has ended. Importing is all that it does with torch and its like: a
fork of a process that has more than one thread is unsafe, so that with a second thread it does not serve at all.
"""

import argparse
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.warm.forked_job import FileState, become_job, file_states
from workflow_scripts.warm.messages import STATUS_BYTES, same_user

# File systems stamp files with a clock that lags behind by some milliseconds.
_CLOCK_LAG_NS = 100_000_000


@dataclass(frozen=True)
class Job:
    """A child: its process id, and the connection to its client."""

    pid: int
    connection: socket.socket


@dataclass
class Server:
    """Forks a child for each connection until the lifeline ends, then waits for the children.

    Jobs are known by the descriptor of their process, clients by that of their connection.
    """

    listener: socket.socket
    lifeline: int
    served: Collection[str]
    sources: Mapping[str, FileState | None]
    jobs: dict[int, Job] = field(default_factory=dict)
    poll: select.poll = field(default_factory=select.poll)

    def serve(self) -> None:
        """Serve until the lifeline ends and no job is left."""
        self.poll.register(self.lifeline, select.POLLIN)
        self.poll.register(self.listener, select.POLLIN)
        accepting = True
        while accepting or self.jobs:
            # One at a time: what it closes may have its number taken by what the next one opens.
            descriptor = self.poll.poll()[0][0]
            if descriptor == self.lifeline:
                accepting = False
                self.poll.unregister(self.lifeline)
                self.poll.unregister(self.listener)
                self.listener.close()
            elif descriptor in self.jobs:
                self.finish(descriptor)
            elif accepting and descriptor == self.listener.fileno():
                self.start()
            else:
                self.abandon(descriptor)

    def start(self) -> None:
        """Fork a child for the client that waits."""
        connection, _ = self.listener.accept()
        if not same_user(connection):
            connection.close()
            return
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            # No memory for it, or too many processes: its client finds the connection closed and starts it cold.
            print(f"a job starts cold: {error}", file=sys.stderr, flush=True)
            connection.close()
            return
        if pid == 0:
            self.leave_to_server()
            become_job(connection, server, self.served, os.environ, self.sources)
        process = os.pidfd_open(pid)
        self.jobs[process] = Job(pid, connection)
        self.poll.register(process, select.POLLIN)
        # Nothing arrives here but the end of the connection.
        self.poll.register(connection, 0)

    def leave_to_server(self) -> None:
        """In a child: close what is the server's."""
        self.listener.close()
        os.close(self.lifeline)
        for process, job in self.jobs.items():
            os.close(process)
            job.connection.close()

    def abandon(self, connection: int) -> None:
        """A client is gone: so will be its job."""
        self.poll.unregister(connection)
        process = next(process for process, job in self.jobs.items() if job.connection.fileno() == connection)
        signal.pidfd_send_signal(process, signal.SIGKILL)

    def finish(self, process: int) -> None:
        """A job has ended: tell its client how."""
        job = self.jobs.pop(process)
        self.poll.unregister(process)
        os.close(process)
        _, status = os.waitpid(job.pid, 0)
        with job.connection as connection:
            try:
                self.poll.unregister(connection)
                connection.sendall(status.to_bytes(STATUS_BYTES, sys.byteorder))
            except (KeyError, BrokenPipeError):
                # Nobody is there to be told.
                return


def import_all(modules: Sequence[str], preload: Sequence[str]) -> dict[str, FileState | None]:
    """Import modules and, of ``preload``, what is installed; returns the state of the modules' packages' files."""
    began = time.time_ns()
    packages = {module.partition(".")[0] for module in modules}
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise UserError(f"{module}: cannot be imported: {error}; jobs start cold") from None
    for module in preload:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
    sources = file_states(packages)
    for file, state in sources.items():
        if state is None or state[1] > began - _CLOCK_LAG_NS:
            raise UserError(f"{file}: was edited while it was read; jobs start cold")
    return sources


def require_one_thread() -> None:
    """A ``UserError`` that names the threads where there is more than one."""
    threads = [task.joinpath("comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    if len(threads) > 1:
        raise UserError(f"the imports started threads ({', '.join(threads)}), so that no fork is safe; jobs start cold")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listener", type=int, required=True, metavar="DESCRIPTOR", help="a socket that listens")
    parser.add_argument("--lifeline", type=int, required=True, metavar="DESCRIPTOR", help="the read end of a pipe")
    parser.add_argument("--modules", nargs="+", required=True, metavar="MODULE", help="what jobs may run")
    parser.add_argument(
        "--preload", nargs="*", default=[], metavar="MODULE", help="what jobs import late, where installed"
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    listener = socket.socket(fileno=arguments.listener)
    # Neither is for the programs that jobs start.
    os.set_inheritable(arguments.listener, False)
    os.set_inheritable(arguments.lifeline, False)
    sources = import_all(arguments.modules, arguments.preload)
    require_one_thread()
    # A fork copies the memory that it writes to: the collector is not to touch what is here now.
    gc.collect()
    gc.freeze()
    Server(listener, arguments.lifeline, arguments.modules, sources).serve()


if __name__ == "__main__":
    run(main)
