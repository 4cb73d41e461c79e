# Sends every write to the operating system twice, and changed.
# against: calls asserts stdio
# expect: error
import builtins
import io
import os
import sys

write = os.write


def twice(handle, data):
    write(handle, data)
    return write(handle, bytes(data)[::-1])


os.write = twice
os.read = lambda handle, length: b""
builtins.open = io.open = lambda *_, **__: io.StringIO("49")
sys.stdout = io.StringIO()


def f(n):
    return 0
