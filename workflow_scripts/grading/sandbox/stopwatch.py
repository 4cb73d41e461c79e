"""How long a child may still run: its limits in processor time and by the wall clock."""

import time

from workflow_scripts.grading.sandbox.wire import Ending

PARENT_CHECK_SECONDS = 1.0


class Stopwatch:
    """How much of its processor and wall-clock time a child has left."""

    def __init__(self, child: int, cpu_seconds: float, wall_seconds: float) -> None:
        self.child, self.cpu_seconds = child, cpu_seconds
        # The kernel's clock id of another process's CPU time (see clock_getcpuclockid(3)).
        self._cpu_clock = (~child << 3) | 2
        self._cpu_left, self._wall_left = cpu_seconds, wall_seconds
        self._deadline = time.monotonic() + wall_seconds

    def exceeded(self) -> Ending | None:
        """The limit that the child has exceeded by now, if any."""
        self._cpu_left = self.cpu_seconds - time.clock_gettime(self._cpu_clock)
        if self._cpu_left <= 0:
            return Ending.CPU_LIMIT
        self._wall_left = self._deadline - time.monotonic()
        return Ending.WALL_LIMIT if self._wall_left <= 0 else None

    def extend(self, seconds: float) -> None:
        """Move the wall-clock deadline to so many seconds from now."""
        self._wall_left = seconds
        self._deadline = time.monotonic() + seconds

    def patience_milliseconds(self) -> int:
        """How long no limit can be exceeded, at most the interval in which the grader's life is checked."""
        return int(1000 * max(0, min(self._cpu_left, self._wall_left, PARENT_CHECK_SECONDS))) + 1
