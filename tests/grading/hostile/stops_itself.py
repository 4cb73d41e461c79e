# Stops, so that whoever waits for its end waits for ever.
# against: calls asserts stdio
# expect: forbidden
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)


def f(n):
    return n * n
