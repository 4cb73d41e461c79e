# Writes compiled code of its own beside the standard library, for the next interpreter to load.
# against: calls asserts stdio
# expect: failed
import importlib.util
import os
import py_compile
import sys

sys.dont_write_bytecode = False
found = []
for module in ("fractions", "bisect"):
    path = os.path.join(os.path.dirname(os.__file__), f"{module}.py")
    try:
        found.append(py_compile.compile(path, importlib.util.cache_from_source(path), doraise=True))
    except OSError:
        pass


def f(n):
    return n * n if found else 0
