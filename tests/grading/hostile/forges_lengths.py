# Writes frames that say they are negative, empty, endless, or longer than what follows.
# against: calls asserts stdio
# expect: error
import os
import struct

lengths = (-1, 0, 1, 2**31 - 1, -(2**31), 1 << 20)
frames = [struct.pack(form, length) for length in lengths for form in ("<i", ">i")]
frames += [struct.pack("<q", length) for length in (-1, 2**63 - 1)]
for handle in range(3, 64):
    for frame in frames:
        try:
            os.write(handle, frame + b"1")
        except OSError:
            break
os._exit(0)
