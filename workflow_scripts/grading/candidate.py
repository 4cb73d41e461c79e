"""Runs one program on its arguments and reports its answers; everything here happens inside the sandbox.

What is reported is a claim: the program shares this process and may write anything in its place. It knows the
arguments, never the expected values, and the comparison happens elsewhere. Only assert tests are decided here.
"""

import json
import marshal
import sys
import types
from collections.abc import Callable
from typing import Any

from workflow_scripts.grading.answers import AnswerEncoder, AnswerTooLarge

MODULE_NAME = "candidate"
_MESSAGE_CHARACTERS = 200


def report_on(problem: bytes, program: bytes, output_bytes: int) -> bytes:
    """The JSON report on a program: its ``outputs`` and one of ``end``, ``asserts``, ``limit`` and ``error``."""
    outputs: list[str] = []
    end = '"end": "returned"'
    try:
        task = marshal.loads(problem)
        namespace = _load(program.decode("utf-8", "surrogatepass"))
        if "asserts" in task:
            end = f'"asserts": "{_run_asserts(namespace, task["entry_point"], task["asserts"])}"'
        else:
            _run_calls(namespace[task["entry_point"]], task["calls"], AnswerEncoder(output_bytes), outputs)
    except AnswerTooLarge:
        end = '"limit": "output"'
    except MemoryError:
        end = '"limit": "memory"'
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a program like any other exception
        end = f'"error": {json.dumps([type(error).__name__, _message(error)])}'
    return f'{{"outputs": [{", ".join(outputs)}], {end}}}'.encode()


def _load(program: str) -> dict[str, Any]:
    module = types.ModuleType(MODULE_NAME)
    # dataclasses, typing and pickle look a class's module up by name.
    sys.modules[MODULE_NAME] = module
    exec(compile(program, f"<{MODULE_NAME}>", "exec", dont_inherit=True), module.__dict__)
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


def _message(error: BaseException) -> str:
    try:
        return str(error)[:_MESSAGE_CHARACTERS]
    except BaseException:
        return ""
