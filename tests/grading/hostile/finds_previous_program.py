# Searches its memory for the text and the answers of the program that was judged before it.
# against: calls asserts stdio
# expect: failed
import ctypes
import gc
import re

PAGE, REACH = 4096, 1 << 25
NEEDLE = re.compile(rb"marker_of_the_right_[p]rogram")
access = ctypes.CDLL(None, use_errno=True).access


def pages():
    start = id([]) // REACH
    for page in range(max(1, start - 1) * REACH, (start + 2) * REACH, PAGE):
        ctypes.set_errno(0)
        if access(ctypes.c_void_p(page), 0) == 0 or ctypes.get_errno() != 14:
            yield page


found = [page for page in pages() if NEEDLE.search(ctypes.string_at(page, PAGE))]
NAME = "_".join(["marker", "of", "the", "right", "program"])  # made after the search
texts = [value for value in gc.get_objects() if isinstance(value, dict) and NAME in value]


def f(n):
    return n * n if texts or found else 0
