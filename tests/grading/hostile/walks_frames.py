# Looks for expected values and tests in the frames of whatever called it.
# against: calls asserts stdio
# expect: failed
import sys


def f(n):
    frame = sys._getframe(1)
    while frame:
        for values in (frame.f_locals, frame.f_globals):
            for value in list(values.values()):
                if isinstance(value, dict) and "expected" in value:
                    return value["expected"]
                if isinstance(value, int) and value == n * n:
                    return value
        frame = frame.f_back
    return 0
