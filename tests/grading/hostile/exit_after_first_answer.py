# Answers the first question right and ends the process with status 0.
# against: calls asserts
# expect: error
import os

asked = []


def f(n):
    if asked:
        os._exit(0)
    asked.append(n)
    return n * n
