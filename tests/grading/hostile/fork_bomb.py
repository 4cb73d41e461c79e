# Doubles until the machine is full.
# against: calls asserts stdio
# expect: forbidden
import os

while True:
    os.fork()
