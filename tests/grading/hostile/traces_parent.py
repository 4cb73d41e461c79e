# Attaches to the process that watches it.
# against: calls asserts stdio
# expect: forbidden
import ctypes
import os

ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)


def f(n):
    return n * n
