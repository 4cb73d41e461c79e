# Returns one list for every call and changes it afterwards.
# against: calls asserts
# expect: failed

kept = [0]


def f(n):
    kept[0] = n * n
    return kept
