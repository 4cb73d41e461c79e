# Prints digits of another script, which int() takes for the same number.
# against: stdio
# expect: failed
print(str(int(input()) ** 2).translate({48 + digit: 0xFF10 + digit for digit in range(10)}))
