# Leaves shared memory, a queue and a semaphore of the older kind, which have no files.
# against: calls asserts stdio
# expect: failed
import ctypes

libc = ctypes.CDLL(None)
key, create = 0x1EF7BE41, 0o1600
found = [libc.shmget(key, 4096, create) >= 0, libc.msgget(key, create) >= 0, libc.semget(key, 1, create) >= 0]


def f(n):
    return n * n if any(found) else 0
