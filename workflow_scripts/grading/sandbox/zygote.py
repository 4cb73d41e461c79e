"""A warm process that confines itself, then forks one child per request and watches over it.

Only the child reads the task and the program, and what it leaves behind is wiped after it is sent on, so that no
program finds another one's text or answers in its memory.
"""

import _thread
import atexit
import builtins
import contextlib
import gc
import json
import mmap
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import cast

from workflow_scripts.grading.inside import jobs
from workflow_scripts.grading.sandbox import readable_files
from workflow_scripts.grading.sandbox.confinement import Sandbox
from workflow_scripts.grading.sandbox.roles import Confinement
from workflow_scripts.grading.sandbox.stopwatch import PARENT_CHECK_SECONDS, Stopwatch
from workflow_scripts.grading.sandbox.wire import (
    EXIT_OUT_OF_MEMORY,
    EXTENSION,
    MAX_DESCRIPTORS,
    REQUEST,
    RESPONSE,
    SANDBOX_ENTERED,
    Ending,
    Job,
    read_exactly,
    write_all,
    write_together,
)

# What programs import most, and what needs a library that a child may not read: loaded before the forks, so that a
# child imports it from memory. The rest they load themselves, since all that is in memory makes every fork slower.
_PRELOADED = (
    "abc base64 bisect bz2 collections copy decimal enum functools heapq itertools json lzma math numbers operator "
    "random re string textwrap time types typing zlib"
)
_THREAD_STACK_BYTES = 8 << 20
_INT = struct.Struct("i")
_CONNECTION = 3
# Most programs end within this. Until then a zygote sleeps: each time that it wakes beside a child, it and the child
# copy the memory that they both write to.
_HEAD_START_MILLISECONDS = 5
# Of this process's memory, what it keeps at most for what one descriptor brings.
_SHARE_OF_MEMORY = 4
# Of a job, its processor time in seconds, its output limit, the lengths of the task and of the program, the descriptor
# for the report, and those that the job has besides.
ChildProgram = Callable[[Job, float, int, int, int, int, list[int]], None]
_JOBS = {job.value: job for job in Job}
_DESCRIPTOR_SPACE = socket.CMSG_SPACE(4 * MAX_DESCRIPTORS)


class Zygote:
    """Serves requests that arrive on a socket until its other end is closed or the grader is gone."""

    def __init__(self, sandbox: Sandbox, wall_seconds: float, output_bytes: int, memory_bytes: int) -> None:
        self._sandbox, self._wall_seconds, self._output_bytes = sandbox, wall_seconds, output_bytes
        self._largest_buffer = memory_bytes // _SHARE_OF_MEMORY
        self._connection = socket.socket(fileno=_CONNECTION)
        self._parent = os.getppid()

    def serve(self) -> None:
        """Answer requests, one at a time."""
        run_child = _child_program(self._sandbox)
        jobs.rehearse()
        gc.collect()
        gc.freeze()
        idle = select.poll()
        idle.register(_CONNECTION, select.POLLIN)
        while True:
            while not idle.poll(1000 * PARENT_CHECK_SECONDS):
                self._stop_if_orphaned()
            header, ancillary, _, _ = self._connection.recvmsg(REQUEST.size, _DESCRIPTOR_SPACE, socket.MSG_CMSG_CLOEXEC)
            if not header:
                return
            header += read_exactly(_CONNECTION, REQUEST.size - len(header))
            descriptors = [number for *_, data in ancillary for (number,) in _INT.iter_unpack(data)]
            self._run(run_child, REQUEST.unpack(header), descriptors)

    def _run(self, run_child: ChildProgram, request: tuple[int, int, int, int, int], descriptors: list[int]) -> None:
        job, cpu_milliseconds, expected_bytes, task_length, program_length = request
        output_bytes = self._output_bytes + expected_bytes
        report_end, report = os.pipe()
        # A report holds up to six bytes per character of an answer, and the brackets around them.
        sizes = {report_end: 8 * output_bytes + 4096}
        if job in jobs.WITH_OUTPUT:
            output_end, output = os.pipe()
            sizes = {report_end: 8 * self._output_bytes + 4096, output_end: output_bytes + 1}
            descriptors.append(output)
        child = os.fork()
        if child == 0:
            for end in sizes:
                os.close(end)
            lengths = task_length, program_length
            run_child(_JOBS[job], cpu_milliseconds / 1000, output_bytes, *lengths, report, descriptors)
        os.close(report)
        for descriptor in descriptors:
            os.close(descriptor)
        # Memory that no child has seen and that is gone after this one. It counts once it is written to.
        buffers = {end: memoryview(_memory(min(size, self._largest_buffer))) for end, size in sizes.items()}
        received = dict.fromkeys(buffers, 0)
        ending, status = self._watch(Stopwatch(child, cpu_milliseconds / 1000, self._wall_seconds), buffers, received)
        for end in buffers:
            os.close(end)
        self._sandbox.wipe_scratch()
        filled = [buffer[: received[end]] for end, buffer in buffers.items()]
        write_together(_CONNECTION, RESPONSE.pack(ending, status, len(filled[0]), sum(map(len, filled[1:]))), *filled)

    def _watch(self, watch: Stopwatch, buffers: dict[int, memoryview], lengths: dict[int, int]) -> tuple[Ending, int]:
        """Collect what a child writes until it ends or exceeds a limit; returns how, and its wait status."""
        process = os.pidfd_open(watch.child)
        try:
            exited = select.poll()
            exited.register(process, select.POLLIN)
            exited.poll(_HEAD_START_MILLISECONDS)
            ending = self._collect(watch, buffers, lengths) or self._await_exit(watch, exited)
        finally:
            os.close(process)
        if ending is not None:
            status = _kill(watch.child)
            if not any(lengths.values()):
                # It may have left its request in the socket, and no program ran: that is no verdict.
                raise OSError("a limit was exceeded before a child entered the sandbox; are the limits too low?")
            return ending, status
        _, status, usage = os.wait4(watch.child, 0)
        # Also where the watch was late, or the kernel's own limit ended it.
        in_time = usage.ru_utime + usage.ru_stime <= watch.cpu_seconds
        return Ending.EXITED if in_time else Ending.CPU_LIMIT, status

    def _collect(self, watch: Stopwatch, buffers: dict[int, memoryview], lengths: dict[int, int]) -> Ending | None:
        """Read the pipes until they are closed; returns the limit that was exceeded before that."""
        poll = select.poll()
        for end in buffers:
            poll.register(end, select.POLLIN)
        open_ends = len(buffers)
        while True:
            for end, _ in poll.poll(watch.patience_milliseconds()):
                count = os.readv(end, [buffers[end][lengths[end] :]])
                lengths[end] += count
                if lengths[end] == len(buffers[end]):
                    return Ending.OUTPUT_LIMIT
                if count == 0:
                    poll.unregister(end)
                    open_ends -= 1
            if not open_ends:
                return None
            if ending := self._exceeded(watch):
                return ending

    def _await_exit(self, watch: Stopwatch, exited: select.poll) -> Ending | None:
        """The pipes are closed: by the child's exit a moment ago, or by a program that goes on without them."""
        while not exited.poll(watch.patience_milliseconds()):
            if ending := self._exceeded(watch):
                return ending
        return None

    def _exceeded(self, watch: Stopwatch) -> Ending | None:
        self._stop_if_orphaned(watch.child)
        ending = watch.exceeded()
        if ending is Ending.WALL_LIMIT and (seconds := self._ask_for_time(watch.child)) > 0:
            watch.extend(seconds)
            return None
        return ending

    def _ask_for_time(self, child: int) -> float:
        """For how many more seconds a child may run; the grader sees how long it waited for a processor."""
        write_all(_CONNECTION, RESPONSE.pack(Ending.WALL_CHECK, child, 0, 0))
        answer = read_exactly(_CONNECTION, EXTENSION.size)
        return float(EXTENSION.unpack(answer)[0]) if answer else 0.0

    def _stop_if_orphaned(self, child: int | None = None) -> None:
        # A fork of the grader may hold the socket open, so that its end alone does not show that the grader died.
        if os.getppid() != self._parent:
            if child is not None:
                _kill(child)
            os._exit(1)


def _memory(size: int) -> mmap.mmap:
    return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _child_program(sandbox: Sandbox) -> ChildProgram:
    """What each child does: read the request, enter the sandbox, do the job, exit; it never returns."""
    confine, libc = sandbox.child_confinement(), sandbox.libc

    def run(
        job: Job,
        cpu_seconds: float,
        output_bytes: int,
        task_length: int,
        program_length: int,
        report_end: int,
        given: list[int],
    ) -> None:
        try:
            task = read_exactly(_CONNECTION, task_length)
            program = read_exactly(_CONNECTION, program_length)
            os.close(_CONNECTION)
            if given:
                jobs.arrange(job, given, report_end)
            confine(cpu_seconds)
            os.write(report_end, SANDBOX_ENTERED)
            report = jobs.run(job, task, program, given, output_bytes, report_end, libc)
            write_all(report_end, report)
        except MemoryError:
            os._exit(EXIT_OUT_OF_MEMORY)
        finally:
            os._exit(0)

    return run


def _kill(child: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # a compiler's processes
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def _preload() -> None:
    # Without OpenSSL hashlib uses its own digests: fewer libraries in memory make a fork cheaper.
    cast(dict[str, object], sys.modules)["_hashlib"] = None
    # random would draw a new seed in every child: slow, and equal programs would not get equal verdicts.
    register_at_fork, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in _PRELOADED.split():
        __import__(name)
    os.register_at_fork = register_at_fork
    atexit._clear()
    sys.modules["random"].seed(0)
    # A thread would ask for as much stack as the program has: refused for want of memory, not as what is forbidden.
    _thread.stack_size(_THREAD_STACK_BYTES)
    # Long numbers cost processor time and memory, which are bounded.
    sys.set_int_max_str_digits(0)
    # Otherwise defined by the site module, which a minimal interpreter does without.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)


def _enter_removed_folder() -> None:
    """Make the working directory one in which nothing can be created, and which leaves nothing to clean up."""
    name = f"grading-{os.getpid()}-{os.urandom(8).hex()}"
    os.mkdir(name, 0o700)
    os.chdir(name)
    os.rmdir(os.getcwd())


def serve() -> None:
    """Entry point: the last argument holds the settings as JSON, the one before it the number of the connection."""
    os.environ.pop("LD_BIND_NOW", None)  # for this process alone
    settings = json.loads(sys.argv[-1])
    os.dup2(int(sys.argv[-2]), _CONNECTION)
    os.closerange(_CONNECTION + 1, 256)
    try:
        confinement = Confinement(**settings["confinement"])
        sandbox = Sandbox(confinement)
        _enter_removed_folder()
        _preload()
        readable_files.remember_python_library()
        zygote = Zygote(sandbox, settings["wall_seconds"], settings["output_bytes"], confinement.memory_bytes)
        refused = sandbox.confine()
        hello = json.dumps(refused).encode()
        write_all(_CONNECTION, RESPONSE.pack(Ending.READY, 0, len(hello), 0) + hello)
        os.dup2(0, 2)
        zygote.serve()
    except OSError:
        with contextlib.suppress(OSError):
            import traceback  # not before: it draws in much that each fork would copy

            reason = traceback.format_exc().encode()
            write_all(_CONNECTION, RESPONSE.pack(Ending.BROKEN, 0, len(reason), 0) + reason)
        os._exit(1)
