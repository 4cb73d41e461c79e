# Gives the compiler a text that is nested deeper than its stack.
# against: calls asserts stdio
# expect: memory_limit


def f(n):
    return eval("-" * 500_000 + "1") + eval("(" * 5000 + "1" + ")" * 5000)
