"""A campaign's folder, held by a job of one process or several: the first one has the lease, all know of its fate."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.training.resumption.interruption import StopRequest
from workflow_scripts.training.resumption.lease import Lease

if TYPE_CHECKING:
    from workflow_scripts.training.sharded.data_parallel import DataParallel

POLL_SECONDS = 0.5


@dataclass
class HeldFolder:
    """Each method is called by all processes of the job.

    ``finished_before``: the job that this one waited for trained this very campaign to its end, and all of it is there.
    ``finished`` is what the lease will say when this job gives it back.
    """

    lease: Lease
    stop: StopRequest
    processes: "DataParallel | None"
    finished_before: bool = False
    finished: bool = False

    def confirm(self) -> None:
        """Raise ``LeaseLost`` where another job holds the folder by now."""
        _from_first(self.lease.confirm if _is_first(self.processes) else None, self.processes)

    def asked_to_stop(self) -> bool:
        """Whether any process of the job was asked to stop."""
        return self.stop.agreed(self.processes)

    def leave(self, step: int | None) -> None:
        """Raise ``Interrupted`` after the line that says from where the campaign goes on."""
        place = "at its first step" if step is None else f"after step {step}"
        words = f"{self.lease.folder}: interrupted; the same command goes on {place}"
        self.stop.leave(words if _is_first(self.processes) else None)

    def leave_if_asked(self, step: int | None) -> None:
        if self.asked_to_stop():
            self.leave(step)


@contextmanager
def hold_folder(
    lease: Lease, stop: StopRequest, processes: "DataParallel | None", complete: Callable[[], bool]
) -> Iterator[HeldFolder]:
    """Wait until this job holds the folder; ``lease`` is the first process's alone.

    ``complete``: whether the folder has all that a campaign leaves. Raises UserError where the wait was too long.
    """
    held = HeldFolder(lease, stop, processes)
    first = _is_first(processes)
    try:
        while not _from_first(lease.attempt if first else None, processes):
            # Nobody waits inside a collective operation, which would time out.
            if held.asked_to_stop():
                stop.leave(f"{lease.folder}: interrupted while it waited for the folder" if first else None)
            time.sleep(POLL_SECONDS)
        accept = _from_first((lambda: lease.finished_before and complete()) if first else None, processes)
        held.finished_before = held.finished = accept
        yield held
    finally:
        if first:
            lease.release("finished" if held.finished else "stopped")


def _is_first(processes: "DataParallel | None") -> bool:
    return processes is None or processes.is_first


def _from_first(measure: Callable[[], Any] | None, processes: "DataParallel | None") -> Any:
    """What the first process measures, in all of them; its errors are raised in all. The others have no ``measure``."""
    said = None
    if measure is not None:
        try:
            said = measure()
        except (UserError, OSError) as error:
            said = error
    if processes is not None:
        said = processes.from_first(said)
    if isinstance(said, Exception):
        raise said
    return said
