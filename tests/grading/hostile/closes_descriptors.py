# Closes what it could be heard by.
# against: calls asserts stdio
# expect: error
import os

os.closerange(0, 1024)


def f(n):
    return n * n
