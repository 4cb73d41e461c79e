# Reads what a machine's files would tell: passwords, keys, the clock of the kernel, devices.
# against: calls asserts stdio
# expect: forbidden
paths = ["/etc/passwd", "/etc/hostname", "/root/.bashrc", "/sys/kernel/mm/transparent_hugepage/enabled", "/dev/zero"]
texts = [open(path, "rb").read(1) for path in paths]


def f(n):
    return n * n
