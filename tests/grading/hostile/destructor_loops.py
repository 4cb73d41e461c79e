# Is wrong, and its objects never finish being destroyed.
# against: calls asserts
# expect: failed


class Stays:
    def __del__(self):
        while True:
            pass


kept = [Stays()]


def f(n):
    return 0
