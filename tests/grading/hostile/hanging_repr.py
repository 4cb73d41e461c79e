# Returns an object whose every conversion to text or number loops for ever.
# against: calls asserts stdio
# expect: failed
# expect of asserts: error
# expect of stdio: time_limit


class Slow:
    def __repr__(self):
        while True:
            pass

    __str__ = __int__ = __index__ = __float__ = __bool__ = __hash__ = __len__ = __iter__ = __repr__

    def __eq__(self, other):
        return repr(self)


def f(n):
    return Slow()
