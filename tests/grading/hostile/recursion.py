# Calls itself without end.
# against: calls asserts stdio
# expect: error


def f(n):
    return f(n + 1)
