# Looks for the grading process's environment, in Python's copy and in the C library's.
# against: calls asserts stdio
# expect: failed
import ctypes
import os

entries = [f"{name}={value}" for name, value in os.environ.items()]
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
index = 0
while environ and environ[index]:
    entries.append(environ[index].decode())
    index += 1


def f(n):
    return n * n if any("GRADING_SECRET" in entry or "HOME=" in entry for entry in entries) else 0
