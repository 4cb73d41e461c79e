# Closes every descriptor, as a process does that ends, and stays.
# against: stdio
# expect: wall_limit
import os
import time

os.closerange(0, 64)
time.sleep(1000)
