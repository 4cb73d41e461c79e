"""Runs assert tests against a program that lives in another process; the tests are themselves inside a sandbox.

The tests see a function under the entry point's name. Calling it sends the arguments over a channel and returns a copy
of the program's answer, made of plain built-in values, so that every comparison happens on this side.
"""

import builtins
import json
import marshal
import types
from typing import Any

from workflow_scripts.grading.answers import AnswerEncoder, NotPlain, decode
from workflow_scripts.grading.wire import FrameTooLarge, read_frame, write_frame

_MESSAGE_CHARACTERS = 200
_MAX_ARGUMENT_BYTES = 1 << 30
# all(map(candidate, ...)) would end well by one of these, as in a generator (PEP 479).
_ENDS_LOOPS = ("StopIteration", "StopAsyncIteration", "GeneratorExit")


class Unsupported(BaseException):
    """The tests do what a split process cannot express."""


class Lost(BaseException):
    """The program's process ended or answered nonsense."""


class Returned(BaseException):
    """The program answered with something that is no plain value, or with too much."""


class RemoteFunction:
    """The entry point of the program on the other side of a channel."""

    def __init__(self, name: str, channel: int, output_bytes: int) -> None:
        self._name, self._channel = name, channel
        # Tagged JSON needs up to six bytes per character and element of the encoder's budget.
        self._max_bytes = 8 * output_bytes + 4096
        self.raised: BaseException | None = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The program's answer; raises the built-in exception that the program raised."""
        if self.raised is not None and not isinstance(self.raised, Exception):
            raise self.raised  # a test may have swallowed it
        try:
            answer = self._exchange(self._request(arguments, keywords))
            if "raised" in answer:
                raise _exception(*answer["raised"])
            if "limit" in answer:
                raise Returned("limit", "output")
            try:
                return decode(answer["value"])
            except NotPlain as error:
                raise Returned("kind", f"returned {error}, which is no plain value") from None
            except ValueError:
                raise Lost("the program answered nonsense") from None
        except BaseException as error:
            self.raised = error
            raise

    def __getattr__(self, name: str) -> Any:
        raise Unsupported(f"the tests use the attribute {name!r} of {self._name}")

    def _request(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> bytes:
        try:
            return AnswerEncoder(_MAX_ARGUMENT_BYTES, strict=True).encode([arguments, keywords]).encode()
        except NotPlain as error:
            raise Unsupported(f"the tests pass {error} to {self._name}") from None

    def _exchange(self, request: bytes) -> dict[str, Any]:
        try:
            write_frame(self._channel, request)
            frame = read_frame(self._channel, self._max_bytes)
            answer = json.loads(frame) if frame is not None else None
        except FrameTooLarge:
            raise Returned("limit", "output") from None
        except (OSError, ValueError, RecursionError):
            raise Lost("the program answered nonsense") from None
        if not isinstance(answer, dict) or not _well_formed(answer):
            raise Lost("the program ended early" if answer is None else "the program answered nonsense")
        return answer


def report_on_tests(task: bytes, channel: int, output_bytes: int) -> bytes:
    """Run the tests of a task; the JSON report is ``{"verdict": word, "detail": ...}``.

    Words: passed, failed, lost, unsupported, and of the program error (detail: type and message), limit, kind.
    """
    content = marshal.loads(task)
    function = RemoteFunction(content["entry_point"], channel, output_bytes)
    try:
        word, detail = _run_tests(content, function)
    except MemoryError as error:
        word, detail = ("error", ["MemoryError", ""]) if error is function.raised else ("failed", "out of memory")
    return json.dumps({"verdict": word, "detail": detail}).encode()


def _run_tests(content: dict[str, str], function: RemoteFunction) -> tuple[str, Any]:
    namespace: dict[str, Any] = {"__name__": "tests"}
    try:
        _define_prelude(content["prelude"], namespace)
        namespace[content["entry_point"]] = function
        exec(compile(content["asserts"], "<test>", "exec", dont_inherit=True), namespace)
        namespace["check"](function)
    except Unsupported as error:
        return "unsupported", str(error)
    except NameError as error:
        if error is not function.raised and error.name in _undefined_names(content["asserts"], namespace):
            return "unsupported", f"the tests need what only the program could define: {_message(error)}"
        return _judge_exception(error, function)
    except BaseException as error:
        return _judge_exception(error, function)
    if function.raised is not None and not isinstance(function.raised, Exception):
        return _judge_exception(function.raised, function)
    return "passed", ""


def _define_prelude(prelude: str, namespace: dict[str, Any]) -> None:
    """The helpers that a prompt defines before its entry point; a prompt that is no program defines none."""
    try:
        code = compile(prelude, "<prompt>", "exec", dont_inherit=True)
    except SyntaxError:
        return
    exec(code, namespace)


def _undefined_names(code: str, namespace: dict[str, Any]) -> set[str]:
    """Names that the tests use and nobody defines: a matter of the tests alone, whatever the program answers."""
    names: set[str] = set()
    pending = [compile(code, "<test>", "exec", dont_inherit=True)]
    while pending:
        block = pending.pop()
        names.update(block.co_names)
        pending += [constant for constant in block.co_consts if isinstance(constant, types.CodeType)]
    return names - namespace.keys() - vars(builtins).keys()


def _judge_exception(error: BaseException, function: RemoteFunction) -> tuple[str, Any]:
    if isinstance(error, Lost):
        return "lost", str(error)
    if isinstance(error, Returned):
        return error.args
    if error is function.raised:
        return "error", [type(error).__name__, _message(error)]
    if isinstance(error, AssertionError):
        return "failed", "an assertion failed"
    return "failed", f"the tests raised {type(error).__name__}: {_message(error)}"


def _well_formed(answer: dict[str, Any]) -> bool:
    if "raised" in answer:
        raised = answer["raised"]
        return isinstance(raised, list) and len(raised) == 2 and all(isinstance(part, str) for part in raised)
    return "value" in answer or answer.get("limit") == "output"


def _exception(name: str, message: str) -> BaseException:
    kind = getattr(builtins, name, None)
    if name in _ENDS_LOOPS:
        return RuntimeError(f"raised {name}")
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            return kind(message)
        except TypeError:  # such as UnicodeDecodeError, which needs more than a message
            return ValueError(message)
    return Exception(message)


def _message(error: BaseException) -> str:
    return str(error)[:_MESSAGE_CHARACTERS]
