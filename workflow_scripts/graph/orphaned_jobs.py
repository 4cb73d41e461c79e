"""Jobs in SLURM's queue of a run that was killed: the next run from the same folder ends them before it plans.

Without their Snakemake they would go on, and one that ends a campaign removes the checkpoints that the campaign came
from, while a new run's allocation waits to train from them.
"""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from workflow_scripts.core.errors import UserError

# Snakemake names all jobs of a run by one UUID, behind a prefix where a profile has one.
_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def cancel_orphans(folder: Path, seconds: float = 300, poll: float = 1) -> bool:
    """Cancel what an earlier run from ``folder`` left in the queue and wait until it is gone; whether there was any.

    Called while this run holds the folder and has submitted nothing, so that no job from it has a Snakemake. A campaign
    leaves its state at its next step boundary. Raises UserError where SLURM does not answer, or where jobs are still
    there after ``seconds``.
    """
    if shutil.which("squeue") is None or not (jobs := _jobs_from(folder)):
        return False
    print(f"a run that was killed has left jobs in the queue; cancelling {', '.join(jobs)}", file=sys.stderr)
    _said_by("scancel", *jobs)
    deadline = time.monotonic() + seconds
    while jobs := _jobs_from(folder):
        if time.monotonic() > deadline:
            raise UserError(f"{', '.join(jobs)}: SLURM has not ended these jobs of an earlier run in {seconds:.0f} s")
        time.sleep(poll)
    return True


def _jobs_from(folder: Path) -> list[str]:
    """The ids of Snakemake's jobs in the queue that were submitted from ``folder``."""
    states = "--states=pending,configuring,running,suspended,completing"
    lines = _said_by("squeue", "--me", states, "--noheader", "--format=%i|%j|%Z").splitlines()
    listed = [line.split("|", 2) for line in lines]
    return [job for job, name, started_in in listed if _RUN.search(name) and Path(started_in) == folder]


def _said_by(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise UserError(f"{command[0]}: {' '.join(result.stderr.split())}")
    return result.stdout
