# Takes memory by the C library's own calls until there is none, and goes on.
# against: calls asserts stdio
# expect: failed
import ctypes

malloc = ctypes.CDLL(None).malloc
malloc.argtypes, malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
while block := malloc(1 << 22):
    ctypes.memset(block, 1, 1 << 22)


def f(n):
    return 0
