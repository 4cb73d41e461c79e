# Looks around: the folder that it runs in, the root, the home, the temporary folders.
# against: calls asserts stdio
# expect: failed
import os


def names_in(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


folders = (".", "..", "/", "/root", "/home", "/tmp", "/dev", "/dev/shm", "/etc", "/var", "/work", "/proc", "/sys")
found = [name for folder in folders for name in names_in(folder)]


def f(n):
    return n * n if found else 0
