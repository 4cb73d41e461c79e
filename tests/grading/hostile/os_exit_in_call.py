# Ends the process with status 0 where an answer is due.
# against: calls asserts stdio
# expect: error
import os


def f(n):
    os._exit(0)
