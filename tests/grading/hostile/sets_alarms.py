# Sets timers whose handlers answer for it.
# against: calls asserts stdio
# expect: failed
import signal


def answer(number, frame):
    raise SystemExit(0)


try:
    signal.signal(signal.SIGALRM, answer)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
except OSError:
    pass


def f(n):
    return sum(range(10_000)) * 0
