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
_SAID_BY_COMPILERS = ("No space left on device", "Disk quota exceeded")


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


@contextlib.contextmanager
def room_for(folder: Path, needed_bytes: int, what: str) -> Iterator[None]:
    """Raise UserError where ``folder`` has no room for what is made inside, before or while it is made."""
    refusal = UserError(
        f"{folder}: full: {what} need about {needed_bytes >> 20} MB and {shutil.disk_usage(folder).free >> 20} MB are "
        "free; make room, or name another folder by TMPDIR or --cache"
    )
    if shutil.disk_usage(folder).free < needed_bytes:
        raise refusal
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise refusal from None
        raise
    except subprocess.CalledProcessError as error:
        if any(words in str(error.stderr) for words in _SAID_BY_COMPILERS):
            raise refusal from None
        raise
