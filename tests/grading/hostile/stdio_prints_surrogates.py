# Prints text that has no bytes.
# against: stdio
# expect: error
print("\ud800" * 100)
