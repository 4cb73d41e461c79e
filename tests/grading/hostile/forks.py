# Two processes answer where one was asked.
# against: calls asserts stdio
# expect: forbidden
import os

os.fork()


def f(n):
    return n * n
