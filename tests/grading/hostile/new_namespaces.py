# Becomes root in a user namespace of its own.
# against: calls asserts stdio
# expect: forbidden
import ctypes

ctypes.CDLL(None).unshare(0x10000000 | 0x00020000)


def f(n):
    return n * n
