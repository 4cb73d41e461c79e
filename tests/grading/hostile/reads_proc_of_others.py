# Reads the files of its parent, of process 1 and of every other process that it can name.
# against: calls asserts stdio
# expect: failed
import os


def can_read(path):
    try:
        with open(path, "rb") as handle:
            return bool(handle.read(1))
    except OSError:
        return False


pids = [1, os.getppid(), *range(2, 300)]
found = [pid for pid in pids for name in ("cmdline", "environ", "mem", "stat") if can_read(f"/proc/{pid}/{name}")]


def f(n):
    return n * n if found else 0
