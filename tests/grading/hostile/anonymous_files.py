# Makes files that have no name and so are in no folder.
# against: calls asserts stdio
# expect: failed
import os


def done(action):
    try:
        action()
    except OSError:
        return False
    return True


found = [
    done(lambda: os.memfd_create("left_behind")),
    done(lambda: os.open("/dev/shm", os.O_TMPFILE | os.O_RDWR)),
    done(lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR)),
]


def f(n):
    return n * n if any(found) else 0
