# The text of its exception is never finished.
# against: calls asserts stdio
# expect: time_limit


class Slow(Exception):
    def __str__(self):
        while True:
            pass


def f(n):
    raise Slow
