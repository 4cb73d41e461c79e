# Reads every descriptor for the expected output.
# against: stdio
# expect: failed
import os

found = []
for handle in (1, 2, *range(3, 64)):
    for action in (lambda h: os.set_blocking(h, False), lambda h: os.lseek(h, 0, 0), lambda h: os.read(h, 4096)):
        try:
            text = action(handle)
            found += [text.decode()] if isinstance(text, bytes) and text else []
        except (OSError, UnicodeDecodeError):
            pass
print(*found or [0])
