# Takes every built-in name and every module away, from itself and from whatever shares its interpreter.
# against: calls asserts stdio
# expect: error
import builtins
import sys

sys.modules.clear()
vars(builtins).clear()


def f(n):
    return 0
