"""Starts a workflow's warm server: the process that its training jobs are forks of (see run_job.py and server.py)."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.warm.messages import ADDRESS_VARIABLE, LOG_VARIABLE, address_of

# Libraries that start threads when they are imported cannot be forked. Snakemake sets the same for a job of one core.
_ONE_THREAD = {
    f"{library}_THREADS": "1"
    for library in ("OMP_NUM", "GOTO_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM", "NUMEXPR_NUM")
} | {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
# Jobs that may wait to be accepted; more than these wait to be let in.
_BACKLOG = 128
_LIFELINES: list[tuple[int, subprocess.Popen[bytes]]] = []


def start_warm_server(folder: Path, modules: Sequence[str], preload: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a server for the jobs of this process, which lasts until this process and the last of the jobs have ended.

    ``modules`` are what jobs may run, ``preload`` what they import late, where it is installed. The log,
    ``folder/warm_server.log``, has a line for each job, and says why one started cold. Jobs find the server by the
    environment variable that is set here; who asks before everything is imported waits for it.
    """
    folder.mkdir(exist_ok=True)
    name = f"workflow-{os.getpid()}-{secrets.token_hex(16)}"
    # The pipe's write end stays here alone: it is closed when this process ends, however it ends.
    lifeline, held = os.pipe()
    path = folder / "warm_server.log"
    path.write_bytes(b"")
    # Jobs write into it too, where the server is gone.
    with socket.socket(socket.AF_UNIX) as listener, path.open("ab") as log:
        listener.bind(address_of(name))
        listener.listen(_BACKLOG)
        descriptors = listener.fileno(), lifeline
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "workflow_scripts.warm.server"),
                *("--listener", str(descriptors[0]), "--lifeline", str(descriptors[1])),
                *("--modules", *modules, "--preload", *preload),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=descriptors,
            env=os.environ | _ONE_THREAD,
            start_new_session=True,  # an interrupt typed at the terminal is the jobs' to handle
        )
    os.close(lifeline)
    _LIFELINES.append((held, server))
    os.environ |= {ADDRESS_VARIABLE: name, LOG_VARIABLE: str(path.resolve())}
    return server
