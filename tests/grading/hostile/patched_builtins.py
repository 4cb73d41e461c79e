# Replaces the built-in functions by which results are compared and written; the next program needs them.
# against: calls asserts stdio
# expect: error
# expect of stdio: failed
import builtins

for name in ("all", "any", "abs", "len", "isinstance", "type", "sum", "print", "map", "zip", "repr", "str", "sorted"):
    setattr(builtins, name, lambda *_, **__: True)
builtins.AssertionError = builtins.AttributeError


def f(n):
    return 0
