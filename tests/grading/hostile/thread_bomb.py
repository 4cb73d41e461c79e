# Starts threads until there is no more room, whatever the answer.
# against: calls asserts stdio
# expect: forbidden
import _thread

while True:
    try:
        _thread.start_new_thread(print, ())
    except RuntimeError:
        pass
