# Talks to a service of the machine.
# against: calls asserts stdio
# expect: forbidden
import _socket

_socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM).connect("\0left_behind")


def f(n):
    return n * n
