"""File times made meaningless, on purpose.

What is stale is decided by content: each job's provenance. Snakemake looks at file times beside that, and a clone, a
copy or a synchronised folder scrambles them. Equal times are never newer than one another: a plan is made as if all
were, which writes nothing, and a run makes those of the results so, as its jobs look at them too.
"""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from snakemake_interface_storage_plugins.io import Mtime

_STARTED = time.time()


async def equal_time(_cache: object, _file: object) -> Mtime:
    """In place of ``snakemake.io.IOCache.collect_mtime``, which asks the file system: one time for every file."""
    return Mtime(local=_STARTED)


def _entries(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        yield parent
        yield from (os.path.join(parent, name) for name in (*folders, *files))


def level_file_times(folders: Iterable[Path]) -> None:
    """Set every file and folder below ``folders`` to the newest modification time among them; a second call is idle.

    A time in the future (another machine's clock) counts as now: what a job then writes would be older than its inputs,
    which Snakemake refuses. Entries that must not be changed (a read-only archive of results) keep their times.
    """
    times = {entry: os.lstat(entry).st_mtime_ns for folder in folders for entry in _entries(folder)}
    level = min(max(times.values(), default=0), time.time_ns())
    for entry, own in times.items():
        if own != level:
            with contextlib.suppress(PermissionError, FileNotFoundError):
                os.utime(entry, ns=(level, level), follow_symlinks=False)
