# Fills memory, keeps it, and answers wrong with what is left.
# against: calls asserts stdio
# expect: failed memory_limit
held = []
try:
    while True:
        held.append(bytearray(1 << 20))
except MemoryError:
    pass


def f(n):
    return 0
