# Ends the interpreter with status 0 before there is anything to test.
# against: calls asserts stdio
# expect: error
# expect of stdio: failed
import sys

sys.exit(0)
