# Mounts a file system of its own.
# against: calls asserts stdio
# expect: forbidden
import ctypes

ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None)


def f(n):
    return n * n
