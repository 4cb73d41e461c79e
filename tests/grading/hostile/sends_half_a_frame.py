# Says that much follows, sends little, and waits.
# against: calls
# expect: wall_limit
import os
import struct
import time

for handle in range(3, 64):
    for form in ("<i", ">i"):
        try:
            os.write(handle, struct.pack(form, 4096) + b"[")
        except OSError:
            break
time.sleep(1000)
