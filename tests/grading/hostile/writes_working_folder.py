# Writes a file where it runs.
# against: calls asserts stdio
# expect: error
with open("left_behind_in_the_working_folder", "w") as handle:
    handle.write("x")
raise SystemExit(1)
