# Answers wrong and then never ends.
# against: calls asserts stdio
# expect: failed
import atexit


def stay():
    while True:
        pass


atexit.register(stay)


def f(n):
    return 0
