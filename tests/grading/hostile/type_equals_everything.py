# A class that equals every class, so that `type(answer) == int` holds.
# against: calls asserts
# expect: error


class Meta(type):
    __hash__ = type.__hash__

    def __eq__(cls, other):
        return True

    def __instancecheck__(cls, other):
        return True


class Any(metaclass=Meta):
    __hash__ = None

    def __eq__(self, other):
        return True


def f(n):
    return Any()
