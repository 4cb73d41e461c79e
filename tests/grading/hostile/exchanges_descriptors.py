# Connects its descriptors with one another, so that what it writes comes back as what it is asked.
# against: calls asserts stdio
# expect: failed
import os

for source in range(8):
    for target in range(8):
        try:
            os.dup2(source, target)
        except OSError:
            pass


def f(n):
    return 0
