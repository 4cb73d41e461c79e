# Takes the watching process's limits, processors and priority away.
# against: calls asserts stdio
# expect: failed
import os
import resource


def done(action):
    try:
        action()
    except OSError:
        return False
    return True


found = [
    done(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (1, 1))),
    done(lambda: os.sched_setaffinity(os.getppid(), {0})),
    done(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)),
    done(lambda: os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0))),
]


def f(n):
    return n * n if any(found) else 0
