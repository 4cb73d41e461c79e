# Writes errors without end.
# against: calls asserts stdio
# expect: time_limit
import sys


def f(n):
    while True:
        sys.stderr.write("x" * 4096)
