# Kills the process that watches it.
# against: calls asserts stdio
# expect: forbidden
import os

os.kill(os.getppid(), 9)


def f(n):
    return n * n
