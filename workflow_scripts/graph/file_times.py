"""The modification times of results, which a clone, a copy or a synchronised folder scrambles."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path


def _entries(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        yield parent
        yield from (os.path.join(parent, name) for name in (*folders, *files))


def _set_time(entry: str, time_ns: int) -> None:
    """Entries that must not be changed (a read-only archive of results) keep their times."""
    with contextlib.suppress(PermissionError, FileNotFoundError):
        os.utime(entry, ns=(time_ns, time_ns), follow_symlinks=False)


def _times(folders: Iterable[Path]) -> dict[str, int]:
    return {entry: os.lstat(entry).st_mtime_ns for folder in folders for entry in _entries(folder)}


def level_file_times(folders: Iterable[Path]) -> None:
    """Set every file and folder below ``folders`` to the newest modification time among them, or to now."""
    times = _times(folders)
    level = min(max(times.values(), default=0), time.time_ns())
    for entry, own in times.items():
        if own != level:
            _set_time(entry, level)


def not_in_the_future(folders: Iterable[Path]) -> None:
    """Set what has a time in the future (of another machine's clock) to now."""
    now = time.time_ns()
    for entry, own in _times(folders).items():
        if own > now:
            _set_time(entry, now)
