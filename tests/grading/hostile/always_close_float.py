# Returns a number whose distance from every other is 0.
# against: calls asserts
# expect: failed


class Close(float):
    __hash__ = float.__hash__

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __radd__ = __sub__

    def __eq__(self, other):
        return True

    def __lt__(self, other):
        return True


def f(n):
    return Close("nan")
