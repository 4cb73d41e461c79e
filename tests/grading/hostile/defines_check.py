# Brings its own test, which is satisfied with everything.
# against: calls asserts
# expect: failed


def check(candidate):
    return None


def f(n):
    globals()["check"] = check
    return 0
