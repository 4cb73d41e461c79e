# Writes to its input, cuts it and reads it from its start, so that the next case is another.
# against: stdio
# expect: failed
import os

for action in (
    lambda: os.lseek(0, 0, os.SEEK_SET),
    lambda: os.write(0, b"0\n" * 100),
    lambda: os.pwrite(0, b"0\n" * 100, 0),
    lambda: os.ftruncate(0, 0),
    lambda: os.lseek(0, 0, os.SEEK_SET),
):
    try:
        action()
    except OSError:
        pass
print(0)
