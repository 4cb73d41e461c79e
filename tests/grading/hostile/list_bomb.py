# Asks for 32 GiB at once.
# against: calls asserts stdio
# expect: memory_limit


def f(n):
    return [0] * (1 << 32)
