"""Memory that the C library keeps for itself after it was freed."""

import ctypes

# What is worth a gigabyte of memory to a large model is a tenth of a tiny one's time.
LARGE = 10_000_000  # parameters

# glibc's; another C library has none.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back_memory(parameters: int) -> None:
    """Hand freed memory back to the system where the model that used it is large.

    Between tensors of a few megabytes glibc keeps a gigabyte of it.
    """
    if _trim is not None and parameters > LARGE:
        _trim(0)
