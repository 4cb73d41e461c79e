# Tells the cases apart by what it left where it ran, instead of by their input.
# against: stdio
# expect: failed
import os

ANSWERS = ["4", "49", "1524155677489"]
count = 0
for number in range(3):
    for folder in (".", "/tmp", "/dev/shm", "/var/tmp"):
        try:
            os.close(os.open(f"{folder}/left_behind_case_{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            count = number + 1
            break
        except OSError:
            pass
    else:
        continue
    break
print(ANSWERS[count % 3])
