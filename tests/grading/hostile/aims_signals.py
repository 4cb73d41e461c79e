# Asks the kernel to signal the process that watches it whenever a descriptor becomes readable.
# against: calls asserts stdio
# expect: forbidden
import fcntl
import os

fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())


def f(n):
    return n * n
