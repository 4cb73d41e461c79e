# Locks the files that other interpreters read.
# against: calls asserts stdio
# expect: failed
import fcntl
import os

found = []
with open(os.__file__) as handle:
    for action in (lambda: fcntl.flock(handle, fcntl.LOCK_SH), lambda: fcntl.fcntl(handle, fcntl.F_SETLEASE, 0)):
        try:
            action()
            found.append(action)
        except OSError:
            pass


def f(n):
    return n * n if found else 0
