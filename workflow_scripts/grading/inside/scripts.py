"""Runs a program as a script, up to the end of its interpreter as far as that has a part in its output and its status.

The process ends there: its exit status and its output decide, what it reports only says why.
"""

import atexit
import contextlib
import gc
import io
import json
import os
import sys
from typing import Any, NoReturn

from workflow_scripts.grading.inside.candidate import load
from workflow_scripts.grading.inside.objects import describe
from workflow_scripts.grading.sandbox.wire import write_all

_STATUS_MASK = 0xFF
_FILES = (io.TextIOWrapper, io.BufferedWriter)  # the outer ones first
_UNCAUGHT_EXCEPTION, _NOT_FLUSHED = 1, 120  # Python's own exit statuses
# The functions themselves, whatever a program puts in their place.
_run_exit_handlers, _collect, _tracked = atexit._run_exitfuncs, gc.collect, gc.get_objects


def run(program: bytes, report_end: int) -> NoReturn:
    """Run a program as ``__main__`` on this process's standard streams; the JSON report holds ``end`` or why it failed.

    The report is written before exit handlers run, which may end the process or go on for ever.
    """
    source, sink = _streams()
    vars(sys).update(stdin=source, __stdin__=source, stdout=sink, __stdout__=sink)
    sys.argv = ["main.py"]
    status, report = _run_main(program)
    with contextlib.suppress(OSError):  # a program may have closed it
        write_all(report_end, report)
    os._exit(_end(status))


def rehearse() -> None:
    """Do what the beginning and the end of a script do."""
    streams = _streams()
    _flush_open_files()
    _clear(dict.fromkeys(("_private", "public")))
    all(map(_is_flushed, streams))


def _streams() -> tuple[io.TextIOWrapper, io.TextIOWrapper]:
    source = io.BufferedReader(io.FileIO(0, closefd=False))
    sink = io.BufferedWriter(io.FileIO(1, "w", closefd=False))
    return io.TextIOWrapper(source, encoding="utf-8"), io.TextIOWrapper(sink, encoding="utf-8")


def _run_main(program: bytes) -> tuple[int, bytes]:
    try:
        load(program, "__main__")
    except MemoryError:
        return _UNCAUGHT_EXCEPTION, b'{"limit": "memory"}'
    except BaseException as error:
        status = _exit_status(error.code) if isinstance(error, SystemExit) else _UNCAUGHT_EXCEPTION
        if status != 0:
            return status, f'{{"error": {json.dumps(describe(error))}}}'.encode()
    return 0, b'{"end": "returned"}'


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    return code & _STATUS_MASK if isinstance(code, int) else _UNCAUGHT_EXCEPTION


def _end(status: int) -> int:
    """What the end of an interpreter does in its order: exit handlers, streams, then the objects of the program.

    Threads cannot have been started.
    """
    with contextlib.suppress(Exception):
        _run_exit_handlers()
    if not all(map(_is_flushed, (sys.stdout, sys.__stdout__))):
        status = _NOT_FLUSHED
    _flush_open_files()
    if (module := sys.modules.get("__main__")) is not None:
        _clear(vars(module))
    _collect()
    return status if all(map(_is_flushed, (sys.stdout, sys.__stdout__))) else _NOT_FLUSHED


def _clear(namespace: dict[str, Any]) -> None:
    names = [name for name in namespace if name != "__builtins__"]
    for private in (True, False):
        for name in names:
            if name.startswith("_") is private:
                namespace[name] = None


def _flush_open_files() -> None:
    """Write out what files still hold, wherever the program keeps them; in a cycle the wrong part may close first."""
    files = [file for file in _tracked() if issubclass(type(file), _FILES)]
    for kind in _FILES:
        for file in files:
            if issubclass(type(file), kind):
                _is_flushed(file)


def _is_flushed(stream: Any) -> bool:
    try:
        if stream is not None and not getattr(stream, "closed", False):
            stream.flush()
    except BaseException:
        return False
    return True
