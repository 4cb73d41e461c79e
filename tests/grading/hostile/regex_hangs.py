# A search that backtracks for ever inside C code.
# against: asserts
# expect: time_limit
import re


def f(n):
    return len(re.match(r"(a*)*b", "a" * 40))
