# Prints bytes that are no text.
# against: stdio
# expect: failed
import os

os.write(1, b"\xff\xfe\x00\xed\xa0\x80" * 100)
