# Starts another program by the C library's call for it.
# against: calls asserts stdio
# expect: forbidden
import os

os.posix_spawn("/bin/sleep", ["sleep", "600"], {})


def f(n):
    return n * n
