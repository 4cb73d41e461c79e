# Spoils what the next program needs, and answers wrong itself.
# against: calls asserts stdio
# expect: failed
# expect of asserts: error
import functools
import json
import math
import operator
import sys

math.pow = json.loads = json.dumps = functools.reduce = operator.mul = lambda *_, **__: 0
sys.modules.update({"math": None, "json": None, "functools": None, "operator": None})


def f(n):
    return math.pow(n, 2)
