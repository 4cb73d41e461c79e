# Returns its function, which would let tests call back into the program.
# against: calls asserts
# expect: failed
# expect of asserts: error


def f(n):
    return f
