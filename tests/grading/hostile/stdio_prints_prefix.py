# Prints the right answer and more, and a piece of the right answer.
# against: stdio
# expect: failed
n = int(input())
print(n * n if n % 2 else str(n * n)[:1], n * n)
