# Writes files where every process may.
# against: calls asserts stdio
# expect: forbidden
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/"):
    try:
        with open(f"{folder}/left_behind", "w") as handle:
            handle.write("x")
    except FileNotFoundError:
        pass
raise SystemExit(1)
