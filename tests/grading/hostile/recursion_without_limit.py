# Lifts Python's bound on recursion and runs off the end of the stack.
# against: calls asserts stdio
# expect: error
import sys

sys.setrecursionlimit(1 << 30)


def f(n):
    return sorted([n], key=f)
