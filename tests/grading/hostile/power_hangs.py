# One operation of the C code of integers that takes years; no exception can enter it.
# against: calls stdio
# expect: time_limit


def f(n):
    return pow(3, 10**9) % 2
