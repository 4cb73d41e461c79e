# Becomes another program, without limits that live in the interpreter.
# against: calls asserts stdio
# expect: forbidden
import os
import sys

os.execv(sys.executable, [sys.executable, "-c", "print(49)"])
