# Returns an object that equals everything.
# against: calls asserts
# expect: failed
# expect of asserts: error


class Any:
    __hash__ = None

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0


def f(n):
    return Any()
