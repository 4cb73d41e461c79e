# Leaks by a name that is looked up.
# against: calls asserts stdio
# expect: forbidden
import _socket

_socket.getaddrinfo("left-behind.example.org", 80)


def f(n):
    return n * n
