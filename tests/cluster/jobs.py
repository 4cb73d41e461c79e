"""What SLURM says of its jobs, and Snakemake started as a user starts it on a cluster."""

import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.workflow.project import SNAKEMAKE, environment

COMMAND = [str(SNAKEMAKE), "--profile", "slurm", "figures/fig3.pdf", "--config", "testbed=tiny"]
# The profile's intervals are a cluster's; tests are in a hurry.
QUICK = ["--slurm-init-seconds-before-status-checks", "2", "--seconds-between-status-checks", "1"]


@dataclass(frozen=True)
class Job:
    """A job of SLURM's: its id, what Snakemake calls it, its state, how often it was started again, its devices."""

    number: int
    comment: str
    state: str
    restarts: int
    devices: str

    @property
    def trains(self) -> bool:
        return "train_" in self.comment


def jobs(project: Path) -> list[Job]:
    """Jobs that were submitted from ``project``, those that ended a while ago included."""
    shown = subprocess.run(["scontrol", "-o", "-d", "show", "jobs"], capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if f"WorkDir={project} " in f"{line} "]
    return [_job(dict(re.findall(r"(\w+)=(\S*)", line))) for line in lines]


def _job(fields: dict[str, str]) -> Job:
    restarts, devices = int(fields["Restarts"]), fields.get("JOB_GRES", "")
    return Job(int(fields["JobId"]), fields.get("Comment", ""), fields["JobState"], restarts, devices)


def running(project: Path, part: str) -> Job:
    """The running job whose name in Snakemake holds ``part``."""
    return next(job for job in jobs(project) if part in job.comment and job.state == "RUNNING")


def start(project: Path, *options: str) -> subprocess.Popen[bytes]:
    """Snakemake on the cluster, in the background; its words go to run.log beside the results."""
    with (project / "run.log").open("ab") as log:
        return subprocess.Popen([*COMMAND, *QUICK, *options], cwd=project, env=environment(), stdout=log, stderr=log)


def finish(project: Path, process: subprocess.Popen[bytes], status: int = 0) -> None:
    assert process.wait(timeout=600) == status, (project / "run.log").read_text()[-6000:]


def wait_for(what: str, holds: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.1)
