# Replaces every function that is loaded and looks like a judge's, in every module.
# against: calls asserts stdio
# expect: failed
# expect of asserts: error
import sys

NAMES = ("matches", "judge", "encode", "decode", "check", "check_call", "compare", "grade", "report", "verdict", "send")
for module in list(sys.modules.values()):
    for name in dir(module):
        if name.startswith(NAMES) and callable(getattr(module, name, None)):
            try:
                setattr(module, name, lambda *_, **__: True)
            except (AttributeError, TypeError):
                pass


def f(n):
    return 0
