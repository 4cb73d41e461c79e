# Answers without reading, and closes its input.
# against: stdio
# expect: failed
import os

os.close(0)
print(4)
