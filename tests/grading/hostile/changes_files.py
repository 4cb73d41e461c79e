# Removes, renames, empties and opens up a file of the project, and touches one of the interpreter.
# against: calls asserts stdio
# expect: failed
import os

OWN = "@ROOT@/tests/grading/hostile/changes_files.py"  # the checkout's folder is filled in by the suite
LIBRARY = os.__file__


def done(action):
    try:
        action()
    except OSError:
        return False
    return True


found = [
    done(lambda: os.rename(OWN, OWN + ".left_behind")),
    done(lambda: os.truncate(OWN, 1 << 20)),
    done(lambda: os.chmod(OWN, 0o777)),
    done(lambda: os.utime(OWN, (0, 0))),
    done(lambda: os.link(LIBRARY, LIBRARY + ".left_behind")),
    done(lambda: os.remove(OWN)),
]


def f(n):
    return n * n if any(found) else 0
