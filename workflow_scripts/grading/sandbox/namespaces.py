"""Namespaces: a sandbox sees no process, network, host name or shared memory but its own, and no capability is left."""

import contextlib
import ctypes
import os
import signal
import struct

_NEW = {
    "CLONE_NEWNS": 0x00020000,
    "CLONE_NEWCGROUP": 0x02000000,
    "CLONE_NEWUTS": 0x04000000,
    "CLONE_NEWIPC": 0x08000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 1 << 1, 1 << 2, 1 << 14, 1 << 18
_PR_SET_PDEATHSIG = 1
_CAPABILITY_VERSION_3 = 0x20080522
_MAX_DESCRIPTOR = 256


def enter(libc: ctypes.CDLL) -> None:
    """Move this process, and the processes that it starts from now on, into namespaces of their own.

    Works without privileges where the machine allows user namespaces; raises OSError where it does not. The first
    process started afterwards is pid 1 of the new namespace: start ``fork_reaper`` before anything else.
    """
    user, group = os.getuid(), os.getgid()
    if libc.unshare(ctypes.c_int(sum(_NEW.values()))) != 0:
        raise _error("user namespaces refused")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    if libc.mount(None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None) != 0:
        raise _error("mounts could not be made private")


def mount_memory(libc: ctypes.CDLL, folder: str, size_bytes: int) -> None:
    """Put an empty file system in memory over a folder, for this mount namespace alone; raises OSError."""
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV)
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, f"size={size_bytes},mode=700".encode()) != 0:
        raise _error(f"no file system in memory over {folder}")


def fork_reaper(libc: ctypes.CDLL) -> int:
    """Start pid 1 of this process's new namespace; it collects orphans, and when it ends, all in the namespace end.

    Returns its process id. It ends with this process.
    """
    ready, announce = os.pipe()
    pid = os.fork()
    if pid:
        os.close(announce)
        os.read(ready, 1)
        os.close(ready)
        return pid
    try:
        os.close(ready)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.write(announce, b"\0")  # fails where the zygote ended before the line above took effect
        os.closerange(0, _MAX_DESCRIPTOR)  # a socket that it held would hide the end of the zygote
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
            signal.pause()
    finally:
        os._exit(1)


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give up every capability, also those of a superuser, for this process and its children; raises OSError."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if libc.capset(header, bytes(24)) != 0:
        raise _error("capabilities could not be dropped")


def _write(path: str, content: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, content.encode())
    finally:
        os.close(handle)


def _error(words: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{words}: {os.strerror(number)}")
