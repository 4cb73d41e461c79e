"""Runs one program on its arguments or its input and reports its answers; everything here happens inside the sandbox.

What is reported is a claim: the program shares this process and may write anything in its place. It knows the
arguments, never the expected values, and the comparison happens elsewhere. Only unsplit assert tests are decided here.
"""

import json
import marshal
import sys
import types
from collections.abc import Callable
from typing import Any

from workflow_scripts.grading.answers import AnswerEncoder, AnswerTooLarge, decode
from workflow_scripts.grading.wire import read_frame, write_frame

MODULE_NAME = "candidate"
_MESSAGE_CHARACTERS = 200


def report_on_calls(task: bytes, program: bytes, output_bytes: int) -> bytes:
    """The JSON report on a program: its ``outputs`` and one of ``end``, ``asserts``, ``limit`` and ``error``."""
    outputs: list[str] = []
    end = '"end": "returned"'
    try:
        content = marshal.loads(task)
        namespace = _load(program, MODULE_NAME)
        if "asserts" in content:
            end = f'"asserts": "{_run_asserts(namespace, content["entry_point"], content["asserts"])}"'
        else:
            _run_calls(namespace[content["entry_point"]], content["calls"], AnswerEncoder(output_bytes), outputs)
    except AnswerTooLarge:
        end = '"limit": "output"'
    except MemoryError:
        end = '"limit": "memory"'
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a program like any other exception
        end = f'"error": {json.dumps(_describe(error))}'
    return f'{{"outputs": [{", ".join(outputs)}], {end}}}'.encode()


def report_on_service(task: bytes, program: bytes, channel: int, output_bytes: int) -> bytes:
    """Load a program and answer the calls of its entry point that arrive over a channel, until that is closed.

    A request is ``[arguments, keyword arguments]``, an answer ``{"value": ...}``, ``{"raised": [type, message]}`` or
    ``{"limit": "output"}``, all in tagged JSON. Returns the JSON report: ``end``, ``limit`` or ``error``.
    """
    try:
        function = _load(program, MODULE_NAME)[task.decode()]
        encoder = AnswerEncoder(output_bytes)
        while (request := read_frame(channel, sys.maxsize)) is not None:
            arguments, keywords = decode(json.loads(request))
            answer = _answer(function, arguments, keywords, encoder)
            try:
                write_frame(channel, answer)
            except BrokenPipeError:
                break  # the tests are over
    except AnswerTooLarge:
        return b'{"limit": "output"}'
    except MemoryError:
        return b'{"limit": "memory"}'
    except BaseException as error:
        return f'{{"error": {json.dumps(_describe(error))}}}'.encode()
    return b'{"end": "served"}'


def _answer(function: Callable[..., Any], arguments: Any, keywords: Any, encoder: AnswerEncoder) -> bytes:
    try:
        return f'{{"value": {encoder.encode(function(*arguments, **keywords))}}}'.encode()
    except AnswerTooLarge:
        return b'{"limit": "output"}'
    except BaseException as error:
        return f'{{"raised": {json.dumps(_describe(error))}}}'.encode()


def report_on_script(program: bytes) -> bytes:
    """Run a program as ``__main__`` on this process's standard streams; reports ``end``, ``limit`` or ``error``."""
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["main.py"]
    try:
        try:
            _load(program, "__main__")
        except SystemExit as ending:
            if ending.code not in (None, 0, False):
                return f'{{"error": {json.dumps(_describe(ending))}}}'.encode()
        sys.stdout.flush()
    except MemoryError:
        return b'{"limit": "memory"}'
    except BaseException as error:
        return f'{{"error": {json.dumps(_describe(error))}}}'.encode()
    return b'{"end": "returned"}'


def _load(program: bytes, name: str) -> dict[str, Any]:
    module = types.ModuleType(name)
    # dataclasses, typing and pickle look a class's module up by name.
    sys.modules[name] = module
    text = program.decode("utf-8", "surrogatepass")
    exec(compile(text, f"<{MODULE_NAME}>", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def _run_calls(
    function: Callable[..., Any], calls: list[list[Any]], encoder: AnswerEncoder, outputs: list[str]
) -> None:
    for arguments in calls:
        # Encoded before the next call, which may change a value that this one returned.
        outputs.append(encoder.encode(function(*arguments)))


def _run_asserts(namespace: dict[str, Any], entry_point: str, code: str) -> str:
    """Run a test that defines ``check(candidate)`` in the program's own namespace; a program can forge the result."""
    function = namespace[entry_point]
    exec(compile(code, "<test>", "exec", dont_inherit=True), namespace)
    try:
        namespace["check"](function)
    except AssertionError:
        return "failed"
    return "passed"


def _describe(error: BaseException) -> list[str]:
    """The name of the exception's nearest built-in type, and its message."""
    kind = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
    try:
        return [kind.__name__, str(error)[:_MESSAGE_CHARACTERS]]
    except BaseException:
        return [kind.__name__, ""]
