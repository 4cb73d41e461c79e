# Declares an encoding, after which text would mean something else.
# -*- coding: rot13 -*-
# against: calls asserts
# expect: failed


def f(n):
    return 0
