# Waits for a lock that it holds itself.
# against: calls
# expect: wall_limit
import _thread

lock = _thread.allocate_lock()


def f(n):
    lock.acquire()
    lock.acquire()
