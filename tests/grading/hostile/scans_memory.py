# Searches its heap and its libraries' memory for an expected value, as text and as the interpreter holds it.
# against: calls asserts stdio
# expect: failed
import ctypes
import re

PAGE, REACH = 4096, 1 << 25
# Written so that the pattern does not find itself.
NEEDLE = re.compile(rb"[1]52415567748[9]|[1]\xfb\xc1\x1e\x8b\x05\x00[\x00]")
access = ctypes.CDLL(None, use_errno=True).access


def readable(page):
    """The kernel says whether an address can be read: it fails with EFAULT (14) where not."""
    ctypes.set_errno(0)
    return access(ctypes.c_void_p(page), 0) == 0 or ctypes.get_errno() != 14


def pages():
    for start in {id(object()) // REACH, id([]) // REACH, ctypes.cast(access, ctypes.c_void_p).value // REACH}:
        for page in range(max(1, start - 1) * REACH, (start + 2) * REACH, PAGE):
            if readable(page):
                yield page


found = sum(bool(NEEDLE.search(ctypes.string_at(page, PAGE))) for page in pages())


def f(n):
    return n * n if found else 0
