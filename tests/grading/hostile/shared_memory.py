# Leaves a piece of shared memory for the next program.
# against: calls asserts stdio
# expect: forbidden
from multiprocessing import shared_memory

shared_memory.SharedMemory("left_behind_shared", create=True, size=4096)


def f(n):
    return n * n
