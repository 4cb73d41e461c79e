# An answer whose keys share one hash value, so that whoever builds a dictionary of it needs quadratic time.
# against: calls asserts
# expect: failed
import sys

COLLIDING = {index * sys.hash_info.modulus: None for index in range(1, 1000)}


def f(n):
    return COLLIDING
