# Doubles a text until memory is full.
# against: calls asserts stdio
# expect: memory_limit
x = "x" * (1 << 20)
while True:
    x += x
