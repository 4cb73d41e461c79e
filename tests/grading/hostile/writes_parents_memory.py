# Writes into the memory of the process that watches it.
# against: calls asserts stdio
# expect: forbidden
import ctypes
import os

libc = ctypes.CDLL(None)
libc.process_vm_writev(os.getppid(), ctypes.create_string_buffer(64), 1, ctypes.create_string_buffer(64), 1, 0)


def f(n):
    return n * n
