"""File times made meaningless, on purpose.

What is stale is decided by content: each job's provenance. Snakemake looks at file times beside that, and a clone, a
copy or a synchronised folder scrambles them. Equal times are never newer than one another.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def _entries(folder: Path) -> Iterator[str]:
    for parent, _, files in os.walk(folder):
        yield parent
        yield from (os.path.join(parent, name) for name in files)


def level_file_times(folders: Iterable[Path]) -> None:
    """Set every file and folder below ``folders`` to the newest modification time among them; a second call is idle.

    Entries that must not be changed (a read-only archive of results) keep their times.
    """
    times = {entry: os.stat(entry).st_mtime_ns for folder in folders for entry in _entries(folder)}
    newest = max(times.values(), default=0)
    for entry, time in times.items():
        if time != newest:
            with contextlib.suppress(PermissionError, FileNotFoundError):
                os.utime(entry, ns=(newest, newest))
