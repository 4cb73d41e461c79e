# Leaves links, folders, pipes and devices, by every call that makes one.
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
    done(lambda: os.symlink("/etc/passwd", "/tmp/left_behind_link")),
    done(lambda: os.link("/etc/passwd", "/tmp/left_behind_hard_link")),
    done(lambda: os.mkdir("/tmp/left_behind_folder")),
    done(lambda: os.mkfifo("/tmp/left_behind_pipe")),
    done(lambda: os.mknod("/dev/shm/left_behind_device", 0o600 | 0o20000, os.makedev(1, 5))),
]


def f(n):
    return n * n if any(found) else 0
