"""The layers of isolation, in the order in which a zygote puts them on; its children inherit them all."""

import ctypes
import os
import resource
from collections.abc import Callable, Mapping

from workflow_scripts.grading.sandbox import landlock, namespaces, readable_files
from workflow_scripts.grading.sandbox.resource_limits import CPU_BACKSTOP_SECONDS, open_files
from workflow_scripts.grading.sandbox.roles import Confinement, Role
from workflow_scripts.grading.sandbox.seccomp import SeccompFilters

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9


class Sandbox:
    """The confinement of this process, and the last steps that each child takes."""

    def __init__(self, confinement: Confinement) -> None:
        self._confinement = confinement
        self._role = Role(confinement.role)
        self._writable: str | None = None
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
        self._filters: SeccompFilters | None = None
        self._parent_of_children = os.getpid()

    def confine(self) -> dict[str, str]:
        """Put on every layer that this machine grants; returns the reason for each that it refuses."""
        limits = self._confinement
        for limit, value in (
            (resource.RLIMIT_AS, limits.memory_bytes),
            (resource.RLIMIT_DATA, limits.memory_bytes),
            (resource.RLIMIT_FSIZE, limits.file_bytes),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, open_files(self._role)),
            # What a shell allowed itself is no bound of a zygote's, which lives long; each child gets its own.
            (resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU)[1]),
            (resource.RLIMIT_NPROC, resource.getrlimit(resource.RLIMIT_NPROC)[1]),
        ):
            resource.setrlimit(limit, (value, value))
        layers: Mapping[str, Callable[[], None]] = {
            "namespaces": self._enter_namespaces,
            "scratch": self._make_scratch,
            "capabilities": lambda: namespaces.drop_capabilities(self.libc),
            "no_new_privs": self._set_no_new_privs,
            "landlock": lambda: landlock.restrict(self.libc, self._granted()),
            # Not before Landlock, whose scope would keep the signal of this process's end from a reaper outside of it.
            "reaper": self._start_reaper,
            "seccomp": self._confine_calls,
        }
        refused = {}
        for layer, put_on in layers.items():
            try:
                put_on()
            except OSError as error:
                refused[layer] = str(error)
        return refused

    def _enter_namespaces(self) -> None:
        namespaces.enter(self.libc)
        if self._confinement.scratch is not None:
            namespaces.mount_memory(self.libc, self._confinement.scratch, 4 * self._confinement.file_bytes)
        # Seen from inside, the parent of what this process starts has no process id.
        self._parent_of_children = 0

    def _start_reaper(self) -> None:
        if self._parent_of_children == 0:
            namespaces.fork_reaper(self.libc)

    def _make_scratch(self) -> None:
        if self._confinement.scratch is not None:
            self._writable = os.path.join(self._confinement.scratch, f"{os.getpid()}-{os.urandom(8).hex()}")
            os.mkdir(self._writable, 0o700)
            os.chdir(self._writable)

    def wipe_scratch(self) -> None:
        """Delete what a child left in the scratch folder, which is this process's working folder."""
        if self._writable is not None:
            _empty(self._writable)

    def _set_no_new_privs(self) -> None:
        if self.libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no_new_privs refused")

    def _granted(self) -> dict[str, int]:
        if self._role is Role.PYTHON:
            granted = dict.fromkeys(readable_files.python_library(), landlock.READ)
        else:
            libraries = readable_files.libraries(self._confinement.libraries)
            granted = dict.fromkeys([*libraries, *self._confinement.readable], landlock.READ | landlock.EXECUTE)
        if self._role is Role.COMPILER:
            granted[os.devnull] = landlock.READ | landlock.WRITE
            shared = readable_files.shared_folders(self._confinement.libraries)
            granted |= dict.fromkeys(shared, landlock.LIST)
        if self._writable is not None:
            granted[self._writable] = landlock.READ | landlock.WRITE
        return granted

    def _confine_calls(self) -> None:
        filters = SeccompFilters(self.libc, self._role)
        filters.confine_zygote()
        self._filters = filters

    def child_confinement(self) -> Callable[[float], None]:
        """The last step, which each child takes with its processor time in seconds; ends it where the zygote is gone.

        All that it needs is looked up here, once: what Python looks up for the first time it remembers, and a child
        has to copy the memory for that.
        """
        prctl, getppid, setrlimit, leave = self.libc.prctl, os.getppid, resource.setrlimit, os._exit
        cpu, processes, backstop = resource.RLIMIT_CPU, resource.RLIMIT_NPROC, CPU_BACKSTOP_SECONDS
        parent, alone = self._parent_of_children, self._role is not Role.COMPILER
        confine_calls = None if self._filters is None else self._filters.child_confinement()

        def confine(cpu_seconds: float) -> None:
            prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
            if getppid() != parent:
                leave(1)
            seconds = int(cpu_seconds) + backstop
            setrlimit(cpu, (seconds, seconds))
            if alone:
                setrlimit(processes, (0, 0))
            if confine_calls is not None:
                confine_calls()

        return confine


def _empty(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _empty(entry.path)
            os.rmdir(entry.path)
        else:
            os.unlink(entry.path)
