# Learns its process id outside of its own namespace and opens the descriptors of the processes started beside it.
# against: calls asserts stdio
# expect: failed
import os

own = int(os.readlink("/proc/self"))
found = b""
for pid in range(max(1, own - 200), own + 50):
    for number in range(12):
        try:
            if pid != own:
                handle = os.open(f"/proc/{pid}/fd/{number}", os.O_RDWR | os.O_NONBLOCK)
                found += os.read(handle, 4096)
                os.write(handle, b"0")
        except OSError:
            pass


def f(n):
    return n * n if found else 0
