# Maps memory past Python's own allocation, and touches it.
# against: calls asserts stdio
# expect: error
import mmap


def f(n):
    held = []
    while True:
        piece = mmap.mmap(-1, 1 << 24)
        piece[:: mmap.PAGESIZE] = b"x" * ((1 << 24) // mmap.PAGESIZE)
        held.append(piece)
