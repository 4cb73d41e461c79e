# Asks the kernel about the network, and for changes to it.
# against: calls asserts stdio
# expect: forbidden
import _socket

_socket.socket(_socket.AF_NETLINK, _socket.SOCK_RAW, 0)


def f(n):
    return n * n
