# Ends itself by the signal of a failed assertion in C.
# against: calls asserts stdio
# expect: forbidden
import os


def f(n):
    os.abort()
