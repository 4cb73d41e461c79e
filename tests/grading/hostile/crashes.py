# Reads memory that is not there.
# against: calls asserts stdio
# expect: error
import ctypes


def f(n):
    return ctypes.string_at(1, n)
