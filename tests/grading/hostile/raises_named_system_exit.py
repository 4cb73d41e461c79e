# An ordinary exception that bears the name of the one that ends test code with success.
# against: calls asserts stdio
# expect: error

Exit = type("SystemExit", (Exception,), {"code": 0, "__module__": "builtins"})


def f(n):
    raise Exit(0)
