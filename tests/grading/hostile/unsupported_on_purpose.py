# Makes the tests stumble over what the program did not do, as if they could not be judged at all.
# against: calls asserts
# expect: error


def f(n):
    raise NameError(f"name {'twice'!r} is not defined")
