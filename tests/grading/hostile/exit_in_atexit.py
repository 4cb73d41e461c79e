# Turns whatever the interpreter's end would report into status 0.
# against: calls asserts stdio
# expect: failed
import atexit
import os

atexit.register(os._exit, 0)


def f(n):
    return 0
