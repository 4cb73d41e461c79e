# A number whose decimal digits take quadratic time; which count towards the limit.
# against: calls asserts stdio
# expect: output_limit
# expect of stdio: time_limit


def f(n):
    return 1 << (1 << 24)
