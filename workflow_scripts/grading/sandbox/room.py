"""Room on disk: where the sandbox keeps what is temporary, and one line where a folder takes no more."""

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workflow_scripts.core.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)
SAID_WHERE_FULL = "No space left on device"
_HARDLY_ANYTHING_BYTES = 16 << 20


def temporary_folder() -> str:
    """``TMPDIR``, or the system's; raises UserError where no folder can be made in it."""
    folder = os.environ.get("TMPDIR") or "/tmp"
    try:
        with tempfile.TemporaryDirectory(prefix="grading-", dir=folder):
            return folder
    except OSError as error:
        raise UserError(
            f"{folder}: no temporary folder can be made there: {error.strerror}; "
            "make room, or name another folder by TMPDIR"
        ) from None


def is_full(folder: Path) -> bool:
    """Whether hardly anything more can be written to a folder."""
    return shutil.disk_usage(folder).free < _HARDLY_ANYTHING_BYTES


@contextlib.contextmanager
def room_for(folder: Path, needed_bytes: int, what: str) -> Iterator[None]:
    """Raise UserError where ``folder`` has no room for what a compiler makes inside, before or while it is made."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    refusal = UserError(
        f"{folder}: no room for {what}, about {needed_bytes >> 20} MB each: {free >> 20} MB are free; "
        "make room, or name another folder by TMPDIR or --cache"
    )
    if free < needed_bytes:
        raise refusal
    try:
        yield
    except OSError as error:
        raise (refusal if error.errno in _FULL else error) from None
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split())
        if SAID_WHERE_FULL in said:
            raise refusal from None
        raise UserError(f"{folder}: {what} could not be made: {said[-200:]}") from None
