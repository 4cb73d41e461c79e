# Becomes a session of its own, forks twice and waits in the background for what comes after it.
# against: calls asserts stdio
# expect: forbidden
import os
import time

try:
    os.setsid()
except OSError:
    pass
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)


def f(n):
    return n * n
