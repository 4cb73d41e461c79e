# Makes a channel that could carry descriptors.
# against: calls asserts stdio
# expect: forbidden
import _socket

_socket.socketpair()


def f(n):
    return n * n
