# Loops, and lets no exception end it.
# against: calls asserts
# expect: time_limit


def f(n):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
