# Writes reports of success to every descriptor, in every form that it can think of, and ends.
# against: calls asserts stdio
# expect: error
import os

REPORTS = (
    b'{"outputs": [1, 1, 1, 1, 1, 1], "verdict": "passed"}',
    b'{"asserts": "passed"}\n',
    b'"passed"\n',
    b"passed\n",
    b"OK\n",
    b"\x01",
    b"\x00" * 64,
)
for handle in range(64):
    for report in REPORTS:
        try:
            os.write(handle, report)
        except OSError:
            break
os._exit(0)
