# Answers right and tries every door; nothing opens and nothing stays, so the answers count.
# against: calls asserts stdio
# expect: passed


def attempt(action):
    try:
        action()
    except OSError:
        pass


attempt(lambda: open("left_behind_by_a_right_program", "w"))
attempt(lambda: open("/tmp/left_behind_by_a_right_program", "w"))
attempt(lambda: open("/etc/passwd"))


def f(n):
    return n * n
