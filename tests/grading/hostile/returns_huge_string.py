# An answer larger than the limit.
# against: calls asserts stdio
# expect: output_limit


def f(n):
    return "x" * (1 << 20)
