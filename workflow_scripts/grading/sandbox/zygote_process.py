"""The grader's side of a zygote: starting it, handing over requests, telling a slow child from one that had to wait."""

import array
import contextlib
import fcntl
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workflow_scripts.grading.sandbox.roles import Confinement
from workflow_scripts.grading.sandbox.room import temporary_folder
from workflow_scripts.grading.sandbox.wire import EXTENSION, REQUEST, RESPONSE, Ending, Job, read_exactly, write_all

_ROOT = str(Path(__file__).resolve().parents[3])
# The checkout leaves the import path before any program runs.
_PROGRAM = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from workflow_scripts.grading.sandbox.zygote import serve; "
    "del sys.path[0]; serve()"
)
# A process's memory is laid out around the stack that it may have, when it is executed and never again.
_WITH_STACK = 'ulimit -s "$0" && exec "$@"'
_START_SECONDS = 300.0  # against hanging; a start takes a fraction of one, but for a starved process
_GRACE_SECONDS = 30.0
_SHORTEST_EXTENSION_SECONDS = 0.05
# A machine on which a program does not get its time within so many backstops is no place to grade.
_MAX_WALL_LIMITS = 50
_NANOSECONDS = 1e9


@dataclass(frozen=True)
class Request:
    """One job for a child: processor time in seconds, what it is to do, the program, and descriptors that it gets.

    ``expected_bytes`` is the size of what is expected of it: so much more than the output limit may it answer.
    """

    job: Job
    cpu_seconds: float
    task: bytes
    program: bytes
    descriptors: Sequence[int] = field(default=())
    expected_bytes: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a child ended, its wait status, the report that it claims and the standard output that was collected."""

    ending: Ending
    status: int
    report: bytes
    output: bytes


class ZygoteDied(Exception):
    """The zygote ended or stopped answering; the program that it had is not to blame until it happens again."""


class ZygoteProcess:
    """A minimal interpreter with an empty environment that confines itself and serves one request at a time."""

    def __init__(self, confinement: Confinement, wall_seconds: float, output_bytes: int) -> None:
        self._connection, child_end = socket.socketpair()
        settings = {
            "confinement": confinement._asdict(),
            "wall_seconds": wall_seconds,
            "output_bytes": output_bytes,
        }
        interpreter = [sys.executable, "-S", "-s", "-P", "-c", _PROGRAM, str(child_end.fileno()), json.dumps(settings)]
        with child_end:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _WITH_STACK, str(confinement.stack_bytes >> 10), *interpreter],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[child_end.fileno()],
                # Symbols are bound now rather than by each child anew.
                env={"PYTHONHASHSEED": "0", "LD_BIND_NOW": "1"},
                cwd=temporary_folder(),
                start_new_session=True,  # an interrupt typed at the terminal is the grader's to handle
            )
        self._wall_seconds = wall_seconds
        self._sent = time.monotonic()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def fileno(self) -> int:
        """The descriptor on which responses arrive."""
        return self._connection.fileno()

    def wait_until_ready(self) -> dict[str, str]:
        """Wait for the start to finish; returns the isolation layers that the machine refused, with reasons."""
        if not _readable([self], _START_SECONDS):
            raise ZygoteDied("did not start in time")
        hello = self.receive()
        if hello is None or hello.ending is not Ending.READY:
            raise ZygoteDied(hello.report.decode(errors="replace") if hello else "no greeting")
        refused: dict[str, str] = json.loads(hello.report)
        return refused

    def send(self, request: Request) -> None:
        """Hand over a request; the zygote must be idle. The descriptors stay open here."""
        self._sent = time.monotonic()
        lengths = len(request.task), len(request.program)
        milliseconds = max(1, round(1000 * request.cpu_seconds))
        header = REQUEST.pack(request.job, milliseconds, request.expected_bytes, *lengths)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", request.descriptors))]
        try:
            contents = [header, request.task, request.program]
            sent = self._connection.sendmsg(contents, rights if request.descriptors else [])
            if sent < sum(map(len, contents)):
                self._connection.sendall(b"".join(contents)[sent:])
        except (BrokenPipeError, ConnectionResetError):
            raise ZygoteDied("ended") from None

    def receive(self, extend: bool = False, peers: Sequence["ZygoteProcess"] = ()) -> Outcome | None:
        """The outcome of the request sent last; None where the zygote only asked for more time, and was answered.

        ``extend`` grants it without looking; what ``peers`` compute meanwhile is no time of its own. Blocks until
        something arrives.
        """
        try:
            header = self._read(RESPONSE.size)
            ending, status, *lengths = RESPONSE.unpack(header)
            if ending == Ending.WALL_CHECK:
                seconds = self._wall_seconds if extend else self._extension(status, peers)
                self._connection.sendall(EXTENSION.pack(seconds))
                return None
            report, output = (self._read(length) for length in lengths)
        except (BrokenPipeError, ConnectionResetError):
            raise ZygoteDied("ended") from None
        if ending == Ending.BROKEN:
            raise ZygoteDied(report.decode(errors="replace"))
        return Outcome(Ending(ending), status, report, output)

    def _read(self, length: int) -> bytes:
        content = read_exactly(self._connection.fileno(), length)
        if len(content) < length:
            raise ZygoteDied("ended")
        return content

    def _extension(self, child: int, peers: Sequence["ZygoteProcess"]) -> float:
        """For how many more seconds a child may sleep or wait.

        Time in which it computed or queued for a processor does not count, nor in which those did that it waits for.
        """
        elapsed = time.monotonic() - self._sent
        if elapsed > _MAX_WALL_LIMITS * self._wall_seconds:
            raise ZygoteDied("the machine is too busy to give a program its processor time")
        busy = [child, *(pid for peer in peers for pid in _children(peer.pid))]
        left = self._wall_seconds - (elapsed - sum(map(_on_processor_or_queued, busy)))
        return max(left, _SHORTEST_EXTENSION_SECONDS) if left > 0 else 0.0

    @property
    def patience(self) -> float:
        """Seconds after which a zygote that has something to do should have given a sign."""
        return self._wall_seconds + _GRACE_SECONDS

    def close(self) -> None:
        """End the process; its children die with it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._connection.close()


def collect(zygotes: Sequence[ZygoteProcess]) -> list[Outcome]:
    """The outcome of the request that each zygote has. Where the first is still at work, the others may wait for it."""
    outcomes: dict[ZygoteProcess, Outcome] = {}
    while waiting := [zygote for zygote in zygotes if zygote not in outcomes]:
        ready = _readable(waiting, min(zygote.patience for zygote in waiting))
        if not ready:
            raise ZygoteDied("stopped answering")
        for zygote in ready:
            if zygote is zygotes[0]:
                outcome = zygote.receive(peers=[peer for peer in waiting if peer is not zygote])
            else:
                outcome = zygote.receive(extend=zygotes[0] not in outcomes)
            if outcome is not None:
                outcomes[zygote] = outcome
    return [outcomes[zygote] for zygote in zygotes]


def _children(pid: int) -> list[int]:
    """Process ids of a process's children; none where the kernel does not tell."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _on_processor_or_queued(pid: int) -> float:
    """Seconds that a process computed or waited for a processor; 0 where the kernel does not tell."""
    try:
        computed, queued, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0
    return (int(computed) + int(queued)) / _NANOSECONDS


def _readable(zygotes: Sequence[ZygoteProcess], seconds: float) -> list[ZygoteProcess]:
    poll = select.poll()
    for zygote in zygotes:
        poll.register(zygote, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(1000 * seconds)}
    return [zygote for zygote in zygotes if zygote.fileno() in ready]


def seal(descriptor: int) -> None:
    """Keep a file in memory as it is, whoever opens it again and however."""
    bonds = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, bonds)


@contextlib.contextmanager
def input_file(content: str) -> Iterator[int]:
    """The descriptor of a read-only file in memory that holds a program's standard input."""
    descriptor = os.memfd_create("input", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        write_all(descriptor, content.encode("utf-8", "surrogatepass"))
        os.lseek(descriptor, 0, os.SEEK_SET)
        seal(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)
