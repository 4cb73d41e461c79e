# Loops before there is anything to test.
# against: calls asserts stdio
# expect: time_limit
while True:
    pass
