# Prints the right answer and crashes.
# against: stdio
# expect: error
n = int(input())
print(n * n, flush=True)
raise ValueError
