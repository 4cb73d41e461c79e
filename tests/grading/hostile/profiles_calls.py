# Watches every call that its interpreter makes, for expected values among the arguments.
# against: calls asserts stdio
# expect: failed
import sys

seen = []


def watch(frame, event, argument):
    for value in frame.f_locals.values():
        if type(value) is int and value > 1:
            seen.append(value)


sys.setprofile(watch)


def f(n):
    return next((value for value in seen if value == n * n), 0)
