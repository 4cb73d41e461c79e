"""Who holds a campaign's folder, as the lease says, and whether that process still runs."""

import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Holder:
    """A process of one of the hosts. A host name alone does not say where a process id counts.

    ``boot`` and ``namespace``: of the kernel's start and of the container in which ``pid`` is meant. ``started``: the
    process's start in clock ticks since then, since process ids come again. ``beats`` counts heartbeats;
    ``heartbeat`` is the last one's time by the holder's clock, for people.
    """

    token: str
    host: str = ""
    boot: str = ""
    namespace: str = ""
    pid: int = 0
    started: str = ""
    slurm_job: str = ""
    slurm_restarts: str = ""
    fingerprint: str = ""
    status: str = "held"
    beats: int = 0
    heartbeat: str = ""

    def __str__(self) -> str:
        if not self.pid:
            return "a process that its lease does not name"
        job = f" in SLURM job {self.slurm_job}" if self.slurm_job else ""
        again = f", restart {self.slurm_restarts}" if self.slurm_restarts else ""
        return f"process {self.pid} on {self.host}{job}{again} (last sign of life at {self.heartbeat})"

    @property
    def is_over(self) -> bool:
        return self.status in ("finished", "stopped")

    def finished(self, fingerprint: str) -> bool:
        """Whether it trained a campaign of this fingerprint to its end."""
        return self.status == "finished" and self.fingerprint == fingerprint

    def record(self) -> dict[str, Any]:
        return asdict(self)


def this_process(token: str, fingerprint: str) -> Holder:
    """This process as a holder; the environment says which SLURM job it belongs to."""
    return Holder(
        token=token,
        host=socket.gethostname(),
        boot=_text(Path("/proc/sys/kernel/random/boot_id")),
        namespace=_namespace(),
        pid=os.getpid(),
        started=_started(os.getpid()) or "",
        slurm_job=os.environ.get("SLURM_JOB_ID", ""),
        slurm_restarts=os.environ.get("SLURM_RESTART_COUNT", ""),
        fingerprint=fingerprint,
    )


def is_gone(holder: Holder, here: Holder) -> bool:
    """Whether the holder is known not to run any more; of another host's processes nothing is known."""
    place = (here.host, here.boot, here.namespace)
    if not here.boot or not here.namespace or (holder.host, holder.boot, holder.namespace) != place:
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        # Another user's, which /proc may not show.
        return _started(holder.pid) not in (None, holder.started)
    return _started(holder.pid) != holder.started


def _started(pid: int) -> str | None:
    """When a process began, in clock ticks since the start of the kernel; None where it has ended."""
    try:
        content = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything.
    state, *rest = content.rpartition(")")[2].split()
    return None if state in "ZX" else rest[18]


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
