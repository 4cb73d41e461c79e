"""The processes that a workflow starts: their environment, one workflow at a time, and a folder that can be written."""

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

from workflow_scripts.core.errors import UserError

_HELD: list[IO[str]] = []


def prepare_environment(project: Path) -> None:
    """Let ``python -m workflow_scripts...`` in a job be this interpreter, in any folder, with one thread a process."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = str(project)
    os.environ["OMP_NUM_THREADS"] = "1"
    # Two threads that wait by spinning take five times as long as one where other programs want the cores too.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


def single_workflow(folder: Path) -> IO[str]:
    """Hold ``folder`` for this process as long as the returned handle is open.

    The kernel releases the lock when the process ends, however it ends: a workflow that was killed blocks nobody.
    """
    folder.mkdir(exist_ok=True)
    handle = (folder / "workflow.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise UserError(
            f"{folder.resolve().parent}: another Snakemake (process {owner}) is at work here; wait for it"
        ) from None
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def hold_until_exit(folder: Path) -> None:
    """Hold ``folder`` until this process ends."""
    _HELD.append(single_workflow(folder))


def require_folder(folder: Path) -> Path:
    """The folder or, if it is yet to be made, what it will be in; a ``UserError`` where that is no folder."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise UserError(f"{folder}: cannot be written: {existing} is not a folder; results are written there")
    return existing


def require_writable(folder: Path) -> None:
    """A ``UserError`` where nothing can be written to ``folder`` or, if it is yet to be made, to what it will be in."""
    existing = require_folder(folder)
    # access() knows of read-only file systems too, where root is refused like everybody.
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"{folder}: cannot be written: no permission in {existing}; results are written there")
