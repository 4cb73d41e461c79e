# Answers wrong and then never ends.
# against: calls asserts stdio
# expect: failed
# expect of stdio: time_limit
import atexit


def stay():
    while True:
        pass


atexit.register(stay)


def f(n):
    return 0
