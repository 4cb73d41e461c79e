# Reads its own process's files: memory, map of it, environment and command.
# against: calls asserts stdio
# expect: failed


def can_read(path):
    try:
        with open(path, "rb") as handle:
            return bool(handle.read(1))
    except OSError:
        return False


found = [
    name for name in ("mem", "maps", "environ", "cmdline", "status", "auxv", "stat") if can_read(f"/proc/self/{name}")
]


def f(n):
    return n * n if found else 0
