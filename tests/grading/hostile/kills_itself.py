# Ends by the kernel's kill signal, as where the machine is out of memory: must not be taken for that.
# against: calls asserts stdio
# expect: forbidden
import os

os.kill(os.getpid(), 9)


def f(n):
    return n * n
