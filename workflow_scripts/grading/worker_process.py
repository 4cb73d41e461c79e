"""The grader's side of its worker processes: starting them, handing out programs, and replacing one that died."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workflow_scripts.grading.verdicts import InfrastructureError, Limits
from workflow_scripts.grading.wire import REQUEST, RESPONSE, Ending, read_exactly

_ROOT = str(Path(__file__).resolve().parents[2])
# The checkout leaves the import path before any program runs.
_PROGRAM = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from workflow_scripts.grading.worker import serve; "
    "del sys.path[0]; serve()"
)
_START_SECONDS = 60.0
_GRACE_SECONDS = 30.0
_ATTEMPTS = 2


@dataclass(frozen=True)
class Outcome:
    """How a child ended, its wait status, and the report that it claims."""

    ending: Ending
    status: int
    report: bytes


class WorkerDied(Exception):
    """The worker ended or stopped answering; the program that it had is not to blame until it happens again."""


class WorkerProcess:
    """One worker: a minimal interpreter with an empty environment that judges one program at a time."""

    def __init__(self, limits: Limits) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-s", "-P", "-c", _PROGRAM, json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={"PYTHONHASHSEED": "0"},
            cwd=os.environ.get("TMPDIR", "/tmp"),
            start_new_session=True,  # an interrupt typed at the terminal is the grader's to handle
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self.responses = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._answer_seconds = limits.wall_seconds + _GRACE_SECONDS
        self.deadline = time.monotonic() + _START_SECONDS

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def wait_until_ready(self) -> dict[str, str]:
        """Wait for the start to finish; returns the isolation layers that the worker could not set up, with reasons."""
        if not _readable([self], _START_SECONDS):
            raise WorkerDied("did not start in time")
        hello = self.receive()
        if hello.ending is not Ending.READY:
            raise WorkerDied(hello.report.decode(errors="replace"))
        refused: dict[str, str] = json.loads(hello.report)
        return refused

    def send(self, problem: bytes, program: bytes) -> None:
        """Hand over one program; the worker must be idle."""
        self.deadline = time.monotonic() + self._answer_seconds
        message = memoryview(REQUEST.pack(len(problem), len(program)) + problem + program)
        try:
            while message:
                message = message[os.write(self._requests, message) :]
        except BrokenPipeError:
            raise WorkerDied("ended") from None

    def receive(self) -> Outcome:
        """The outcome of the program sent last; blocks until it is there."""
        header = read_exactly(self.responses, RESPONSE.size)
        if len(header) < RESPONSE.size:
            raise WorkerDied("ended")
        ending, status, length = RESPONSE.unpack(header)
        report = read_exactly(self.responses, length)
        if len(report) < length:
            raise WorkerDied("ended")
        return Outcome(Ending(ending), status, report)

    def close(self) -> None:
        """End the process; its child, if any, dies with it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()


class WorkerPool:
    """Several workers that share one queue of programs; started on first use, replaced when they die."""

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits, self._size = limits, size
        self.workers: list[WorkerProcess] = []
        self.refused_layers: dict[str, str] | None = None

    def start(self) -> None:
        """Start the workers that are not running yet."""
        starting = [WorkerProcess(self._limits) for _ in range(self._size - len(self.workers))]
        self.workers += starting
        try:
            for worker in starting:
                self._admit(worker.wait_until_ready())
        except BaseException as error:
            self.close()
            if isinstance(error, WorkerDied):
                raise InfrastructureError(f"a grading worker could not start: {error}") from error
            raise

    def _admit(self, refused_layers: dict[str, str]) -> None:
        # The layers were probed once; a later worker with fewer of them would be a silent downgrade.
        if self.refused_layers is not None and refused_layers != self.refused_layers:
            raise InfrastructureError(f"a grading worker lost isolation layers: {refused_layers}")
        self.refused_layers = refused_layers

    def run(self, problem: bytes, programs: Sequence[bytes]) -> list[Outcome]:
        """The outcome of each program, in order. Raises InfrastructureError where a program's worker died twice."""
        try:
            return self._run(problem, programs)
        except BaseException:
            # Workers may hold programs whose outcomes nobody would collect.
            self.close()
            raise

    def _run(self, problem: bytes, programs: Sequence[bytes]) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        waiting = deque(range(len(programs)))
        deaths: Counter[int] = Counter()
        busy: dict[int, tuple[WorkerProcess, int]] = {}
        while len(outcomes) < len(programs):
            self.start()
            for worker in self.workers:
                if waiting and worker.responses not in busy:
                    index = waiting.popleft()
                    busy[worker.responses] = worker, index
                    with contextlib.suppress(WorkerDied):  # its response pipe is then closed, which is seen below
                        worker.send(problem, programs[index])
            for descriptor in _ready([worker for worker, _ in busy.values()]):
                worker, index = busy.pop(descriptor)
                try:
                    outcomes[index] = _outcome_of(worker)
                except WorkerDied as died:
                    self._bury(worker)
                    deaths[index] += 1
                    if deaths[index] == _ATTEMPTS:
                        raise InfrastructureError(
                            f"the grading worker died {_ATTEMPTS} times on one program: {died}"
                        ) from died
                    waiting.appendleft(index)
        return [outcomes[index] for index in range(len(programs))]

    def _bury(self, worker: WorkerProcess) -> None:
        self.workers.remove(worker)
        worker.close()

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.close()
        self.workers.clear()


def _outcome_of(worker: WorkerProcess) -> Outcome:
    if not _readable([worker], 0):
        raise WorkerDied("stopped answering")
    outcome = worker.receive()
    if outcome.ending is Ending.BROKEN:
        raise WorkerDied(outcome.report.decode(errors="replace"))
    return outcome


def _ready(workers: Sequence[WorkerProcess]) -> list[int]:
    """Descriptors of the workers that answered or, after their deadline, should have."""
    patience = max(0.0, min(worker.deadline for worker in workers) - time.monotonic())
    if descriptors := _readable(workers, patience):
        return descriptors
    now = time.monotonic()
    return [worker.responses for worker in workers if worker.deadline <= now]


def _readable(workers: Sequence[WorkerProcess], seconds: float) -> list[int]:
    poll = select.poll()
    for worker in workers:
        poll.register(worker.responses, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(1000 * seconds)]
