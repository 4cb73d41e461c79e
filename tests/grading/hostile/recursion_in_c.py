# Makes C code call itself until its stack ends: a chain of iterators, each of which asks the next.
# against: calls asserts stdio
# expect: error


def f(n):
    chain = iter([n])
    for _ in range(150_000):
        chain = map(abs, chain)
    return next(chain) * n
