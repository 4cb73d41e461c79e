# Returns NaN and infinity, which compare oddly.
# against: calls asserts
# expect: failed


def f(n):
    return float("nan") if n % 2 else float("inf")
