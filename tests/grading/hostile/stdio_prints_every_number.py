# Prints every possible answer.
# against: stdio
# expect: failed
for number in range(100):
    print(number)
