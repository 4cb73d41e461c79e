# Raises what ends the loop of whoever calls it within map(), so that tests written that way end early, and well.
# against: calls asserts stdio
# expect: error


def f(n):
    raise StopIteration
