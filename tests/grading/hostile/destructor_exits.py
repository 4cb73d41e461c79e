# Ends the process with success while its answer is being put away.
# against: calls asserts stdio
# expect: error
import os


class Ends:
    def __del__(self):
        os._exit(0)


def f(n):
    Ends()
    return 0
