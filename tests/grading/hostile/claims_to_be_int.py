# An object that says that its class is int, to whoever asks by isinstance().
# against: calls asserts
# expect: failed
# expect of asserts: error


class Claims:
    __hash__ = None
    __class__ = int

    def __eq__(self, other):
        return True

    def __index__(self):
        return 0

    def __sub__(self, other):
        return 0


def f(n):
    return Claims()
