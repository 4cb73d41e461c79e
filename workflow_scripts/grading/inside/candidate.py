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

from workflow_scripts.grading.answers import AnswerEncoder, AnswerTooLarge
from workflow_scripts.grading.inside.arguments import ReplyEncoder
from workflow_scripts.grading.inside.objects import TRUTH, describe
from workflow_scripts.grading.sandbox.wire import read_frame, write_frame

MODULE_NAME = "candidate"


def report_on_calls(task: bytes, program: bytes, output_bytes: int) -> bytes:
    """The JSON report on a program: its ``outputs`` and one of ``end``, ``asserts``, ``limit`` and ``error``."""
    outputs: list[str] = []
    end = '"end": "returned"'
    try:
        content = marshal.loads(task)
        namespace = load(program, MODULE_NAME)
        if "asserts" in content:
            end = f'"asserts": "{_run_asserts(namespace, content["entry_point"], content["asserts"])}"'
        else:
            _run_calls(namespace[content["entry_point"]], content["calls"], AnswerEncoder(output_bytes), outputs)
    except AnswerTooLarge:
        end = '"limit": "output"'
    except MemoryError:
        end = '"limit": "memory"'
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a program like any other exception
        end = f'"error": {json.dumps(describe(error))}'
    return f'{{"outputs": [{", ".join(outputs)}], {end}}}'.encode()


def report_on_service(task: bytes, program: bytes, channel: int, output_bytes: int) -> bytes:
    """Load a program and answer the calls of its entry point that arrive over a channel, until that is closed.

    A request is ``[arguments, keyword arguments]`` or asks whether an object is true. An answer is ``{"value": ...}``,
    ``{"value": null, "changed": ...}``, ``{"raised": [type, message]}`` or ``{"limit": "output"}``, all in tagged JSON.
    Returns the JSON report: ``end``, ``limit`` or ``error``.
    """
    try:
        function = load(program, MODULE_NAME)[task.decode()]
        encoder = ReplyEncoder(output_bytes)
        while (request := read_frame(channel, sys.maxsize)) is not None:
            answer = _answer(function, request, encoder)
            try:
                write_frame(channel, answer)
            except BrokenPipeError:
                break  # the tests are over
    except AnswerTooLarge:
        return b'{"limit": "output"}'
    except MemoryError:
        return b'{"limit": "memory"}'
    except BaseException as error:
        return f'{{"error": {json.dumps(describe(error))}}}'.encode()
    return b'{"end": "served"}'


def _answer(function: Callable[..., Any], request: bytes, encoder: ReplyEncoder) -> bytes:
    try:
        if request.startswith(TRUTH):
            return encoder.truth(int(request[len(TRUTH) :])).encode()
        arguments, keywords = encoder.arguments(request)
        return encoder.reply(function(*arguments, **keywords)).encode()
    except AnswerTooLarge:
        return b'{"limit": "output"}'
    except BaseException as error:
        return f'{{"raised": {json.dumps(describe(error))}}}'.encode()


def rehearse(request: bytes) -> bytes:
    """Answer a call as in a service."""
    return _answer(list, request, ReplyEncoder(1 << 20))


def load(program: bytes, name: str) -> dict[str, Any]:
    """Run a program as the module of a name; returns what it defines."""
    module = types.ModuleType(name)
    # dataclasses, typing and pickle look a class's module up by name.
    sys.modules[name] = module
    text = program.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
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
