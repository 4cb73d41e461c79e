"""Which system calls a program may make: an allowlist, and a list of calls that end it at once.

A compiler runs several processes and writes files, so that it has the list of refused calls alone.

Numbers are (x86_64, aarch64); None where the architecture has no such call. A call in no table fails with EPERM.
"""

Numbers = tuple[int | None, int | None]

ALLOWED: dict[str, Numbers] = {
    "read": (0, 63),
    "write": (1, 64),
    "open": (2, None),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "readv": (19, 65),
    "writev": (20, 66),
    "access": (21, None),
    "select": (23, None),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "uname": (63, 160),
    "getcwd": (79, 17),
    "readlink": (89, None),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "getppid": (110, 173),
    "capget": (125, 90),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "getdents64": (217, 61),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "newfstatat": (262, 79),
    "readlinkat": (267, 78),
    "faccessat": (269, 48),
    "pselect6": (270, 72),
    "ppoll": (271, 73),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "statx": (332, 291),
    "rseq": (334, 293),
    "faccessat2": (439, 439),
}

# Allowed only with these values of one argument (its index, then the values): fcntl and ioctl can otherwise aim signals
# at other processes.
ALLOWED_WITH: dict[str, tuple[Numbers, int, tuple[int, ...]]] = {
    # F_GETFD, F_SETFD, F_GETFL, and F_DUPFD_CLOEXEC: mmap() keeps a copy of the descriptor that it is given.
    "fcntl": ((72, 25), 1, (1, 2, 3, 1030)),
    "ioctl": ((16, 29), 1, (0x5401, 0x5450, 0x5451)),  # TCGETS, FIONCLEX, FIOCLEX: what open() asks of a file
}

# What a compiled program needs besides, to be executed and to start.
NATIVE_ALLOWED: dict[str, Numbers] = {
    "arch_prctl": (158, None),
    "set_tid_address": (218, 96),
}
NATIVE_ALLOWED_WITH: dict[str, tuple[Numbers, int, tuple[int, ...]]] = {
    # Only an open descriptor (AT_EMPTY_PATH), never a path; a program that finds one to execute keeps all its bonds.
    "execveat": ((322, 281), 4, (0x1000,)),
}
# abort() signals itself by one of these; without them it ends by an illegal instruction.
NATIVE_REFUSED = ("tkill", "tgkill", "execveat")

# What the zygote needs to start and watch its children; there is a second filter for those, which takes these away.
ZYGOTE_ONLY: dict[str, Numbers] = {
    "dup2": (33, None),
    "recvmsg": (47, 212),
    "wait4": (61, 260),
    "dup3": (292, 24),
    "pipe2": (293, 59),
    "prlimit64": (302, 261),
}
ZYGOTE_ONLY_FORBIDDEN: dict[str, Numbers] = {
    "clone": (56, 220),
    "kill": (62, 129),
    "pidfd_open": (434, 434),
}
# The zygote's children may ask for PR_GET_NO_NEW_PRIVS, as the probe does.
ZYGOTE_ONLY_BUT_FOR: dict[str, tuple[Numbers, int, tuple[int, ...]]] = {
    "prctl": ((157, 167), 0, (39,)),
}

# Of the forbidden calls, those that a compiler driver needs.
COMPILER_NEEDS = ("fork", "vfork", "clone3", "execve", "kill", "tkill", "tgkill")

FORBIDDEN: dict[str, Numbers] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "socketpair": (53, 199),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "ptrace": (101, 117),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "rt_sigqueueinfo": (129, 138),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "rt_tgsigqueueinfo": (297, 240),
    "perf_event_open": (298, 241),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "finit_module": (313, 273),
    "bpf": (321, 280),
    "execveat": (322, 281),
    "userfaultfd": (323, 282),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "clone3": (435, 435),
}
