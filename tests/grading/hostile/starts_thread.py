# Answers in one thread and goes on in another.
# against: calls asserts stdio
# expect: forbidden
import threading
import time

threading.Thread(target=time.sleep, args=(600,)).start()


def f(n):
    return n * n
