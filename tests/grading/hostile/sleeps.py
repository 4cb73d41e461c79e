# Sleeps: uses no processor time.
# against: asserts
# expect: wall_limit
import time


def f(n):
    time.sleep(1000)
