# Writes to every descriptor that there could be, without end.
# against: calls asserts stdio
# expect: output_limit
import os

while True:
    for handle in range(64):
        try:
            os.write(handle, b"x" * 65536)
        except OSError:
            pass
