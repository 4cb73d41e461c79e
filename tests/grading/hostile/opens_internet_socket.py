# Calls home.
# against: calls asserts stdio
# expect: forbidden
import _socket

_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect(("127.0.0.1", 22))


def f(n):
    return n * n
