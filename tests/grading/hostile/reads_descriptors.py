# Reads every descriptor, for tests, expected values or the next program, and so takes what is meant for its runner.
# against: calls asserts stdio
# expect: failed
import os

found = b""
for handle in range(64):
    try:
        os.set_blocking(handle, False)
        found += os.read(handle, 1 << 16)
    except OSError:
        pass


def f(n):
    return n * n if str(1234567 * 1234567).encode() in found or b"assert" in found else 0
