# Defines nothing.
# against: calls asserts
# expect: error
x = 1
