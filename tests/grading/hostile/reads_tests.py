# Reads this suite, which states the expected values.
# against: calls asserts stdio
# expect: failed


def can_read(path):
    try:
        with open(path, encoding="utf-8") as handle:
            return bool(handle.read(1))
    except OSError:
        return False


ROOT = "@ROOT@"  # the checkout; filled in by the suite
paths = [f"{ROOT}/tests/grading/test_hostile_programs.py", f"{ROOT}/README.md", f"{ROOT}/config.yaml"]
found = [path for path in paths if can_read(path)]


def f(n):
    return n * n if found else 0
