"""How long a test waits before it takes it that something hangs: no measure of speed, nor one of a busy machine."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 600.0


def await_that(condition: Callable[[], object], describe: Callable[[], object] = lambda: "waited in vain") -> None:
    """Wait until a condition holds; fails where it does not, and shows what ``describe`` gives."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, describe()
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not asked for its status does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
