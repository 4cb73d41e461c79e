# Answers by a coroutine that is never awaited, and by a generator that never ends.
# against: calls asserts
# expect: failed
# expect of asserts: error


def endless():
    while True:
        yield 0


async def waits():
    return 0


def f(n):
    return endless() if n % 2 else waits()
