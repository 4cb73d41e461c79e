# Redefines the prompt's helper, which the tests use, so that it agrees with wrong answers.
# against: asserts
# expect: failed


def twice(n):
    return 0


def f(n):
    return 0
