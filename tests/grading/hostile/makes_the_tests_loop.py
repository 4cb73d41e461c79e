# Its last answers are plain numbers on which the tests compute for ever.
# against: asserts
# expect: time_limit


def f(n):
    return n * n if n != 9 else 1 << 60
