# Kills every process that it may send signals to.
# against: calls asserts stdio
# expect: forbidden
import os

os.kill(-1, 9)


def f(n):
    return n * n
