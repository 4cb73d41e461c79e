# Hides a second answer behind characters that only some take for white space.
# against: stdio
# expect: failed
n = int(input())
print(f"0\x00{n * n}", f"{n * n}\x1c0", end="")
