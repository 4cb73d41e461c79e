# Searches every object that the garbage collector knows for expected values and for the tests' text.
# against: calls asserts stdio
# expect: failed
import gc


def leaves(value, depth=0):
    if depth < 4 and isinstance(value, (list, tuple, dict, set)):
        items = list(value.items()) if isinstance(value, dict) else list(value)
        for item in items[:100]:
            yield from leaves(item, depth + 1)
    elif isinstance(value, (int, str)) and not isinstance(value, bool):
        yield value


def tells(leaf):
    # The words are made here, so that this program's own text does not tell.
    text = str(leaf)[:10_000]
    return "".join(["1524155", "677489"]) in text or "".join(["def check(", "candidate"]) in text


OWN = globals()
found = [leaf for value in gc.get_objects() if value is not OWN for leaf in leaves(value) if tells(leaf)]


def f(n):
    return n * n if found else 0
