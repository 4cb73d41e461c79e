# Consumes an endless iterator inside C code, without memory.
# against: stdio
# expect: time_limit
import collections
import itertools

print(collections.deque(itertools.count(), maxlen=0))
