# Reads the problems, with their references and tests, where the project keeps them.
# against: calls asserts stdio
# expect: failed
import glob

ROOT = "@ROOT@"  # the checkout; filled in by the suite


def can_read(path):
    try:
        with open(path, encoding="utf-8") as handle:
            return bool(handle.read(1))
    except OSError:
        return False


names = [f"{ROOT}/results/tiny/problems/py/train.jsonl", f"{ROOT}/../shared/data/README.md"]
names += [*glob.glob(f"{ROOT}/**/*.jsonl", recursive=True), *glob.glob(f"{ROOT}/../shared/data/*")]
found = [name for name in names if can_read(name)]


def f(n):
    return n * n if found else 0
