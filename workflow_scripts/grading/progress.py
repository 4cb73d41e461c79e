"""How far a long grading has come, on standard error: a line that is rewritten on a terminal, a few lines elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

T = TypeVar("T")

_TERMINAL_SECONDS = 0.2
_LOG_SECONDS = 10.0
_LOG_SHARE = 0.1
_SHORTEST_SECONDS = 1e-9


def with_progress(
    items: Iterable[T], total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic
) -> Iterator[T]:
    """The items, unchanged, while ``stream`` says how many of ``total`` have come and how many come a second.

    Off a terminal: a line every ten seconds, or every tenth of the way where that comes first, and one at the end.
    """
    on_terminal = stream.isatty()
    start = told = clock()
    told_count = 0
    try:
        for count, item in enumerate(items, start=1):
            yield item
            now = clock()
            waited = now - told >= (_TERMINAL_SECONDS if on_terminal else _LOG_SECONDS)
            if waited or count == total or (not on_terminal and count - told_count >= _LOG_SHARE * total):
                rate = count / max(now - start, _SHORTEST_SECONDS)
                line = f"graded {count} of {total} ({100 * count // total} %), {rate:.1f} a second"
                stream.write(f"\r{line}" if on_terminal else f"{line}\n")
                stream.flush()
                told, told_count = now, count
    finally:
        # What is said next, be it an error, begins a line of its own.
        if on_terminal and told_count:
            stream.write("\n")
