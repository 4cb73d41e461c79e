# Ends with the status by which the sandbox itself says that memory ran out; no failure of the machine.
# against: calls asserts stdio
# expect: memory_limit
import os


def f(n):
    os._exit(77)
