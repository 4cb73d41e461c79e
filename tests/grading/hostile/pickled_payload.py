# An answer that ends the process of whoever unpickles or copies it.
# against: calls asserts
# expect: failed
# expect of asserts: error
import os


class Payload:
    def __reduce__(self):
        return os._exit, (0,)

    def __deepcopy__(self, memory):
        os._exit(0)


def f(n):
    return Payload()
