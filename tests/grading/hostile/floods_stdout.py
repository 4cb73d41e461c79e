# Prints without end; where output counts it is too much of it, elsewhere it is a loop.
# against: calls asserts stdio
# expect: time_limit
# expect of stdio: output_limit


def f(n):
    while True:
        print("x" * 4096)
