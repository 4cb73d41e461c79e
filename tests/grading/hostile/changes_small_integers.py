# Overwrites the interpreter's own small integers, so that 0 is what was asked for.
# against: calls asserts stdio
# expect: failed
import ctypes

zero = id(0) + 24
ctypes.c_uint32.from_address(zero).value = 49


def f(n):
    return 0
