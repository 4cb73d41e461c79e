# Raises SystemExit(0) where an answer is due: test code that let it through would end with success.
# against: calls asserts stdio
# expect: error
# expect of stdio: failed


def f(n):
    raise SystemExit(0)
