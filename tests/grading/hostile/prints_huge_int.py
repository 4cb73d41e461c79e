# Lifts Python's bound on digits and prints a number that takes quadratic time.
# against: calls asserts stdio
# expect: time_limit
import sys


def f(n):
    sys.set_int_max_str_digits(0)
    return int(str(1 << (1 << 22)))
