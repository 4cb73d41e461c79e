# Raises what a runner that is written as a generator would take for its own end.
# against: calls asserts stdio
# expect: error


def f(n):
    raise GeneratorExit
