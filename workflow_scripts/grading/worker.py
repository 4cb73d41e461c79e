"""The worker process: confines itself, then forks one child per program and watches over it.

A request is two lengths, the problem as JSON and the program. Only the child reads the latter two, and the answers are
wiped after they are sent on, so that no program finds another one's text or answers in its memory.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import signal
import struct
import sys
import time
import traceback
from typing import cast

from workflow_scripts.grading import candidate, landlock
from workflow_scripts.grading.seccomp import SeccompFilters
from workflow_scripts.grading.verdicts import Limits
from workflow_scripts.grading.wire import EXIT_OUT_OF_MEMORY, REQUEST, RESPONSE, SANDBOX_ENTERED, Ending, read_exactly

# What programs import most, loaded before the forks: a child then imports them from memory.
_PRELOADED = (
    "abc base64 bisect collections copy dataclasses datetime decimal enum fractions functools hashlib "
    "heapq itertools json math numbers operator random re statistics string textwrap time types typing"
)

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_PARENT_CHECK_SECONDS = 1.0
_MAX_OPEN_FILES = 32
_CPU_BACKSTOP_SECONDS = 2  # the kernel's limit counts whole seconds; the worker's watch is exact


class Worker:
    """Serves requests from one file descriptor and answers to another until the first is closed."""

    def __init__(self, requests: int, responses: int, limits: Limits) -> None:
        self._requests, self._responses, self._limits = requests, responses, limits
        self._parent, self._own_pid = os.getppid(), os.getpid()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
        self._filters: SeccompFilters | None = None
        self._child_rlimits = [
            (resource.RLIMIT_CPU, _at_most(resource.RLIMIT_CPU, int(limits.cpu_seconds) + _CPU_BACKSTOP_SECONDS)),
            (resource.RLIMIT_NPROC, (0, 0)),
        ]
        # The runner's report holds up to six bytes per character, and the brackets around them.
        self._answers = bytearray(8 * limits.output_bytes + 4096)

    def confine(self) -> dict[str, str]:
        """Apply what children inherit; returns the reason for each layer that this machine refuses."""
        # All but those of _enter_sandbox, which would end the worker itself.
        for limit, value in (
            (resource.RLIMIT_AS, self._limits.memory_bytes),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, _MAX_OPEN_FILES),
        ):
            resource.setrlimit(limit, _at_most(limit, value))
        refused = {}
        try:
            self._set_no_new_privs()
        except OSError as error:
            refused["no_new_privs"] = str(error)
        try:
            landlock.restrict(self._libc, [folder for folder in sys.path if os.path.isdir(folder)])
        except OSError as error:
            refused["landlock"] = str(error)
        try:
            filters = SeccompFilters(self._libc)
            filters.confine_worker()
            self._filters = filters
        except OSError as error:
            refused["seccomp"] = str(error)
        return refused

    def _set_no_new_privs(self) -> None:
        if self._libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no_new_privs refused")

    def serve(self) -> None:
        """Answer requests until the parent closes its end."""
        gc.collect()
        gc.freeze()
        while header := read_exactly(self._requests, REQUEST.size):
            problem_length, program_length = REQUEST.unpack(header)
            read_end, write_end = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(read_end)
                self._run_child(problem_length, program_length, write_end)
            os.close(write_end)
            ending, status, length = self._watch(child, read_end)
            os.close(read_end)
            self._respond(ending, status, length)

    def _respond(self, ending: Ending, status: int, length: int) -> None:
        os.write(self._responses, RESPONSE.pack(ending, status, length))
        answers = memoryview(self._answers)[:length]
        sent = 0
        while sent < length:
            sent += os.write(self._responses, answers[sent:])
        answers[:] = bytes(length)

    def _run_child(self, problem_length: int, program_length: int, write_end: int) -> None:
        """Read the program, enter the sandbox, run, report, exit: never returns."""
        try:
            problem = read_exactly(self._requests, problem_length)
            program = read_exactly(self._requests, program_length)
            os.close(self._requests)
            os.close(self._responses)
            self._enter_sandbox()
            os.write(write_end, SANDBOX_ENTERED)
            report = candidate.report_on(problem, program, self._limits.output_bytes)
            while report:
                report = report[os.write(write_end, report) :]
        except MemoryError:
            os._exit(EXIT_OUT_OF_MEMORY)
        finally:
            os._exit(0)

    def _enter_sandbox(self) -> None:
        self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self._own_pid:
            os._exit(1)
        for limit, ceiling in self._child_rlimits:
            resource.setrlimit(limit, ceiling)
        if self._filters is not None:
            self._filters.confine_child()

    def _watch(self, child: int, read_end: int) -> tuple[Ending, int, int]:
        """Collect a child's answers until it ends or exceeds a limit; returns ending, wait status and their length."""
        watch = _Stopwatch(child, self._limits)
        poll = select.poll()
        poll.register(read_end, select.POLLIN)
        length = 0
        while not (ending := watch.exceeded()):
            if not poll.poll(watch.patience_milliseconds()):
                self._stop_if_orphaned(child)
                continue
            count = os.readv(read_end, [memoryview(self._answers)[length:]])
            length += count
            if count == 0:
                return self._await_exit(child, watch, length)
            if length == len(self._answers):
                ending = Ending.OUTPUT_LIMIT
                break
        status = _kill(child)
        if length == 0:
            # It may have left its request in the pipe, and no program ran: that is no verdict.
            raise OSError("a limit was exceeded before a child entered the sandbox; are the limits too low?")
        return ending, status, length

    def _await_exit(self, child: int, watch: "_Stopwatch", length: int) -> tuple[Ending, int, int]:
        """The pipe is closed: by the child's exit a moment ago, or by a program that goes on without it."""
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return Ending.EXITED, status, length
        process = os.pidfd_open(child)
        try:
            poll = select.poll()
            poll.register(process, select.POLLIN)
            while not (ending := watch.exceeded()):
                if poll.poll(watch.patience_milliseconds()):
                    return Ending.EXITED, os.waitpid(child, 0)[1], length
                self._stop_if_orphaned(child)
            return ending, _kill(child), length
        finally:
            os.close(process)

    def _stop_if_orphaned(self, child: int) -> None:
        # A fork of the parent may hold the request pipe open, so that its end alone does not show that the parent died.
        if os.getppid() != self._parent:
            _kill(child)
            os._exit(1)


class _Stopwatch:
    """How much of its processor and wall-clock time a child has left."""

    def __init__(self, child: int, limits: Limits) -> None:
        self._limits = limits
        # The kernel's clock id of another process's CPU time (see clock_getcpuclockid(3)).
        self._cpu_clock = (~child << 3) | 2
        self._deadline = time.monotonic() + limits.wall_seconds
        self._cpu_left = limits.cpu_seconds
        self._wall_left = limits.wall_seconds

    def exceeded(self) -> Ending | None:
        """The limit that the child has exceeded by now, if any."""
        self._cpu_left = self._limits.cpu_seconds - time.clock_gettime(self._cpu_clock)
        if self._cpu_left <= 0:
            return Ending.CPU_LIMIT
        self._wall_left = self._deadline - time.monotonic()
        return Ending.WALL_LIMIT if self._wall_left <= 0 else None

    def patience_milliseconds(self) -> int:
        """How long no limit can be exceeded, at most the interval in which the parent's life is checked."""
        return int(1000 * min(self._cpu_left, self._wall_left, _PARENT_CHECK_SECONDS)) + 1


def _at_most(limit: int, value: int) -> tuple[int, int]:
    """Both bounds of a resource limit, not above what this machine already imposes."""
    ceiling = resource.getrlimit(limit)[1]
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    return value, value


def _kill(child: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _enter_removed_folder() -> None:
    """Make the working directory one in which nothing can be created, and which leaves nothing to clean up."""
    name = f"grading-{os.getpid()}-{os.urandom(8).hex()}"
    os.mkdir(name, 0o700)
    os.chdir(name)
    os.rmdir(os.getcwd())


def _preload() -> None:
    # Without OpenSSL hashlib uses its own digests: fewer libraries in memory make a fork cheaper.
    cast(dict[str, object], sys.modules)["_hashlib"] = None
    # random would draw a new seed in every child: slow, and equal programs would not get equal verdicts.
    register_at_fork, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in _PRELOADED.split():
        __import__(name)
    os.register_at_fork = register_at_fork
    sys.modules["random"].seed(0)


def serve() -> None:
    """Entry point: limits as JSON in the last argument, requests on standard input, responses on standard output."""
    limits = Limits(**json.loads(sys.argv[-1]))
    requests, responses = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    try:
        _enter_removed_folder()
        _preload()
        worker = Worker(requests, responses, limits)
        os.dup2(null, 2)
        refused = json.dumps(worker.confine()).encode()
        os.write(responses, RESPONSE.pack(Ending.READY, 0, len(refused)) + refused)
        worker.serve()
    except (OSError, struct.error):
        with contextlib.suppress(OSError):
            reason = traceback.format_exc().encode()
            os.write(responses, RESPONSE.pack(Ending.BROKEN, 0, len(reason)) + reason)
        os._exit(1)
