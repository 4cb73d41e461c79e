# Waits for more input than there is, which must end at once.
# against: stdio
# expect: failed
import sys

first = input()
rest = sys.stdin.read()
print(int(first) * int(rest or 0))
