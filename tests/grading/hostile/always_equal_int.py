# Returns a number that equals every other.
# against: calls asserts
# expect: failed


class Any(int):
    __hash__ = int.__hash__

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0


def f(n):
    return Any(0)
