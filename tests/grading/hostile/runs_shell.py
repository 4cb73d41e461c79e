# Runs a shell command.
# against: calls asserts stdio
# expect: forbidden
import os

os.system("touch /tmp/left_behind_by_a_shell; sleep 600 &")


def f(n):
    return n * n
