# A number whose decimal digits take quadratic time; Python itself refuses to print it.
# against: calls asserts stdio
# expect: output_limit
# expect of stdio: error


def f(n):
    return 1 << (1 << 24)
