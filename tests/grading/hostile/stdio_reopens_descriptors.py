# Opens its own descriptors anew, to read what was written and to write what was read.
# against: stdio
# expect: failed
import os

found = []
for number in range(8):
    for path in (f"/proc/self/fd/{number}", f"/dev/fd/{number}", "/dev/stdin", "/dev/stdout", "/dev/tty"):
        for mode in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_TRUNC):
            try:
                handle = os.open(path, mode | os.O_NONBLOCK)
                os.write(handle, b"0 ")
                found.append(os.read(handle, 64))
            except OSError:
                pass
print(0, *found)
