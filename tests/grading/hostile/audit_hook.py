# Ends every operation that the interpreter reports, such as compiling or importing.
# against: calls asserts stdio
# expect: failed
import sys


def refuse(event, arguments):
    if event.startswith(("exec", "compile", "import", "open", "marshal")):
        raise SystemExit(0)


sys.addaudithook(refuse)


def f(n):
    return 0
