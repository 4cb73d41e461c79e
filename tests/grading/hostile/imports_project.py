# Imports the grader and this suite.
# against: calls asserts stdio
# expect: failed
import importlib
import sys

ROOT = "@ROOT@"  # the checkout; filled in by the suite
sys.path.insert(0, ROOT)
found = []
for name in ("workflow_scripts.grading.code_grader", "tests.grading.conftest", "pytest", "numpy"):
    try:
        found.append(importlib.import_module(name))
    except (ImportError, OSError):
        pass


def f(n):
    return n * n if [module for module in found if getattr(module, "__file__", None)] else 0
