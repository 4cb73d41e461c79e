# Raises its own limits, leaves its processors, and takes another priority.
# against: calls asserts stdio
# expect: failed
import os
import resource


def done(action):
    try:
        action()
    except (OSError, ValueError):
        return False
    return True


free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE)
found = [kind for kind in kinds if done(lambda kind=kind: resource.setrlimit(kind, free))]
found += [1] * done(lambda: os.nice(-5))


def f(n):
    return n * n if found else 0
