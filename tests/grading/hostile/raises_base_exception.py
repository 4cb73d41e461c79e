# Raises what `except Exception` lets through.
# against: calls asserts stdio
# expect: error


class Done(BaseException):
    pass


def f(n):
    raise Done
