# Raises and catches, and looks for expected values in every frame that the trace back, threads and modules show.
# against: calls asserts stdio
# expect: failed
import sys


def frames():
    yield from sys._current_frames().values()
    try:
        raise ValueError
    except ValueError as error:
        trace = error.__traceback__
        while trace:
            yield trace.tb_frame
            trace = trace.tb_next


def f(n):
    for frame in frames():
        while frame:
            if n * n in [value for value in frame.f_locals.values() if type(value) is int]:
                return n * n
            for constant in frame.f_code.co_consts:
                if type(constant) is int and constant > 9 and constant == n * n:
                    return constant
            frame = frame.f_back
    return 0
