# Returns a list that equals everything and has no items while it is looked at.
# against: calls asserts
# expect: failed


class Any(list):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter(())

    def __sub__(self, other):
        return 0


def f(n):
    return Any([Any()])
