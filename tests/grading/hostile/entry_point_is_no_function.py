# An entry point that cannot be called.
# against: calls asserts stdio
# expect: error
f = 49
