# Knocks at the parts of the kernel by which sandboxes were left before: io_uring, bpf, userfaultfd, perf, keys.
# against: calls asserts stdio
# expect: forbidden
import ctypes

libc = ctypes.CDLL(None)
for number in (425, 321, 323, 298, 250, 248):
    libc.syscall(*(ctypes.c_long(word) for word in (number, 8, 0, 0, 0, 0)))


def f(n):
    return n * n
