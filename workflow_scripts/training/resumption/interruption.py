"""A trainer that is asked to stop: by SIGTERM, or by SIGUSR1, which a scheduler can send before the time is over.

The request is noted and met at the next step boundary, in all processes of a job at the same one, so that the campaign
can go on from there to the bytes that it would have had.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from workflow_scripts.training.sharded.data_parallel import DataParallel

INTERRUPTED = 75
"""The exit status that says "interrupted, can go on": EX_TEMPFAIL of sysexits.h, a failure that a retry mends."""

SAME_REQUEST_SECONDS = 2.0
"""A scheduler signals every process of a job while a launcher passes its signal on: so close together they are one."""


class Interrupted(SystemExit):
    """Ends the process with status ``INTERRUPTED``; raised in every process of the job."""

    def __init__(self) -> None:
        super().__init__(INTERRUPTED)


class StopRequest:
    """Whether somebody asked this process to stop."""

    def __init__(self) -> None:
        self.made = False
        self._first_termination: float | None = None
        self._leaving = False

    @contextmanager
    def listening(self) -> Iterator["StopRequest"]:
        """Note signals in place of dying of them; a later SIGTERM ends the process at once. For the main thread."""
        before = {number: signal.signal(number, self._receive) for number in (signal.SIGTERM, signal.SIGUSR1)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def agreed(self, processes: "DataParallel | None") -> bool:
        """Whether any of the job's processes was asked; a collective operation where there are several."""
        if processes is None:
            return self.made
        return processes.total(torch.tensor(int(self.made))).item() > 0

    def leave(self, words: str | None) -> None:
        """Raise ``Interrupted``; ``words``: what is printed on standard error before, by one process of the job."""
        # The launcher ends what it has left as soon as one process is gone; what must be closed is closed first.
        self._leaving = True
        if words is not None:
            print(words, file=sys.stderr, flush=True)
        raise Interrupted

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGTERM and not self._leaving:
            now = time.monotonic()
            if self._first_termination is None:
                self._first_termination = now
            elif now - self._first_termination > SAME_REQUEST_SECONDS:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGTERM)
        self.made = True
