# Sends its descriptors to whoever is at the other end of them.
# against: calls asserts stdio
# expect: failed
import array
import ctypes
import os

_socket = __import__("_socket")
for handle in range(16):
    try:
        channel = _socket.socket(fileno=os.dup(handle))
        channel.sendmsg([b"x" * 16], [(1, 1, array.array("i", [0, 1, 2]))])
    except OSError:
        pass
ctypes.CDLL(None).sendmsg(0, 0, 0)


def f(n):
    return 0
