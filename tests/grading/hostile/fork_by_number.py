# Asks for a new process by system calls that Python has no names for: vfork, clone, clone3.
# against: calls asserts stdio
# expect: forbidden
import ctypes

libc = ctypes.CDLL(None)
for call in ((56, 17, 0, 0, 0, 0), (57,), (435, 0, 0)):
    libc.syscall(*(ctypes.c_long(word) for word in call))


def f(n):
    return n * n
