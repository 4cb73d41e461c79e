# Kills its process group.
# against: calls asserts stdio
# expect: forbidden
import os

os.killpg(0, 9)


def f(n):
    return n * n
