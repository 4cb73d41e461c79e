# A sum that takes hours inside C code.
# against: asserts
# expect: time_limit


def f(n):
    return sum(range(10**12))
