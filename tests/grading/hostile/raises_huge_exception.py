# The text of its exception is larger than every limit of output.
# against: calls asserts
# expect: error


class Wordy(Exception):
    def __str__(self):
        return "x" * (1 << 24)


def f(n):
    raise Wordy
