# Looks like a person who stops the grader.
# against: calls asserts stdio
# expect: error


def f(n):
    raise KeyboardInterrupt
