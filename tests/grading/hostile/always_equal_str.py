# Returns a text that equals every value, has every length and prints as every number.
# against: calls asserts
# expect: failed


class Any(str):
    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other):
        return True

    def __len__(self):
        return 1

    def __sub__(self, other):
        return 0


def f(n):
    return Any("0")
