"""A disk that is too small, in the place of a folder: a file system in memory (root)."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """``folder`` holds so much and no more; what was written there goes with it."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={kilobytes}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "small-disk", str(folder)], check=True)
    try:
        yield
    finally:
        # Lazily: a trainer that was ended may hold a file there for a moment.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
