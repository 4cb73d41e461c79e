# Asks for signals by system calls that Python has no names for.
# against: calls asserts stdio
# expect: forbidden
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for call in ((129, 1, 9, 0), (234, os.getppid(), os.getppid(), 9), (200, os.getppid(), 9), (424, 3, 9, 0, 0)):
    libc.syscall(*(ctypes.c_long(word) for word in call))


def f(n):
    return n * n
