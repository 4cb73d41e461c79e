# Answers right and spoils its own interpreter; the answers are its own, so they count.
# against: calls asserts
# expect: passed
import builtins
import math

math.pow = builtins.sorted = builtins.sum = lambda *_, **__: 0


def f(n):
    return n * n
