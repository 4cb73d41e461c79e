"""Runs assert tests against a program that lives in another process; the tests are themselves inside a sandbox.

The tests see a function under the entry point's name. Calling it sends the arguments over a channel and returns a copy
of the program's answer, made of built-in values, so that every comparison happens on this side.
"""

import builtins
import json
import marshal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from workflow_scripts.grading.inside.arguments import ArgumentEncoder, NotPassable, NumberedDecoder
from workflow_scripts.grading.inside.objects import TRUTH
from workflow_scripts.grading.sandbox.wire import FrameTooLarge, read_frame, write_frame

_MESSAGE_CHARACTERS = 200
# Of a decimal integer in an answer: longer ones are written in hexadecimal, and reading them so takes linear time.
_DECIMAL_DIGITS = 640
# all(map(candidate, ...)) would end well by one of these, as in a generator (PEP 479).
_ENDS_LOOPS = ("StopIteration", "StopAsyncIteration", "GeneratorExit")


class Unsupported(BaseException):
    """The tests do what a split process cannot express."""


class Lost(BaseException):
    """The program's process ended or answered nonsense."""


class Returned(BaseException):
    """The program answered with too much, with NaN, or with an object of which the tests ask more than its truth."""


class RemoteFunction:
    """The entry point of the program on the other side of a channel. ``note_call`` is called before the first call."""

    def __init__(
        self, name: str, channel: int, output_bytes: int, allow_nan: bool, note_call: Callable[[], object]
    ) -> None:
        self._name, self._channel, self._output_bytes = name, channel, output_bytes
        self._allow_nan, self._note_call = allow_nan, note_call
        self._decoder = NumberedDecoder(False, self._refuse_object, self._ask, self._refuse_nan)
        self._json = json.JSONDecoder(parse_constant=self._constant)
        self.called = False
        self.raised: BaseException | None = None

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The program's answer; raises the built-in exception that the program raised."""
        encoder = ArgumentEncoder()
        return self._answer(lambda: self._request(encoder, arguments, keywords), encoder.objects)

    def __getattr__(self, name: str) -> Any:
        raise Unsupported(f"the tests use the attribute {name!r} of {self._name}")

    def _answer(self, request: Callable[[], bytes], objects: list[Any]) -> Any:
        """What the program answers to a request; ``objects`` are the numbered containers in it."""
        if self.raised is not None and not isinstance(self.raised, Exception):
            raise self.raised  # a test may have swallowed it
        try:
            answer = self._exchange(request())
            if "raised" in answer:
                raise _exception(*answer["raised"])
            if "limit" in answer:
                raise Returned("limit", "output")
            self._decoder.objects = objects
            try:
                if "changed" in answer:
                    self._decoder.change(answer["changed"])
                return self._decoder.decode(answer["value"])
            except ValueError:
                raise Lost("the program answered nonsense") from None
        except BaseException as error:
            self.raised = error
            raise

    def _ask(self, number: int) -> bool:
        return self._answer(lambda: TRUTH + str(number).encode(), []) is True

    def _request(self, encoder: ArgumentEncoder, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> bytes:
        try:
            return encoder.request(arguments, keywords)
        except NotPassable as error:
            raise Unsupported(f"the tests pass {error} to {self._name}") from None

    def _exchange(self, request: bytes) -> dict[str, Any]:
        if not self.called:
            self._note_call()
            self.called = True
        # Tagged JSON needs up to six bytes per character and element of the encoder's budget.
        largest = 8 * (self._output_bytes + len(request)) + 4096
        try:
            write_frame(self._channel, request)
            frame = read_frame(self._channel, largest)
            answer = self._parse(frame) if frame is not None else None
        except FrameTooLarge:
            raise Returned("limit", "output") from None
        except (OSError, ValueError, RecursionError):
            raise Lost("the program answered nonsense") from None
        if not isinstance(answer, dict) or not _well_formed(answer):
            raise Lost("the program ended early" if answer is None else "the program answered nonsense")
        return answer

    def _parse(self, frame: bytes) -> Any:
        sys.set_int_max_str_digits(_DECIMAL_DIGITS)
        try:
            return self._json.decode(frame.decode("utf-8", "surrogatepass"))
        finally:
            sys.set_int_max_str_digits(0)

    def _constant(self, word: str) -> float:
        if word == "NaN":
            self._refuse_nan()
        return float(word)

    def _refuse_nan(self) -> None:
        if not self._allow_nan:
            raise Returned("failed", "answered NaN, of which neither prompt nor tests speak")

    def _refuse_object(self, name: str) -> NoReturn:
        self.raised = Returned("kind", f"returned a {name}, of which the tests ask more than its truth")
        raise self.raised


def report_on_tests(task: bytes, channel: int, output_bytes: int, note_call: Callable[[], object]) -> bytes:
    """Run the tests of a task; the JSON report is ``{"verdict": word, "detail": ...}``.

    ``note_call`` is called before the program is for the first time. Words: passed, failed, lost; unsupported and
    broken, of the tests; and of the program error (detail: type and message), limit, kind.
    """
    content = marshal.loads(task)
    function = RemoteFunction(content["entry_point"], channel, output_bytes, content["allow_nan"], note_call)
    try:
        word, detail = _run_tests(content, function)
    except MemoryError as error:
        word, detail = ("error", ["MemoryError", ""]) if error is function.raised else ("failed", "out of memory")
    if not function.called and word not in ("unsupported", "broken"):
        word, detail = "broken", f"{detail or 'the tests end'} before a call of {content['entry_point']}"
    return json.dumps({"verdict": word, "detail": detail}).encode()


def rehearse(answer: Callable[[bytes], bytes]) -> None:
    """Run harmless tests against a function that answers frames."""
    function = RemoteFunction("f", -1, 1 << 20, False, lambda: None)
    vars(function)["_exchange"] = lambda request: function._parse(answer(request))
    code = "def check(candidate):\n    assert candidate([1, 2.5, 'a', None, True]) == [1, 2.5, 'a', None, True]\n"
    _run_tests({"entry_point": "f", "prelude": "", "imports": "", "names": [], "asserts": code}, function)


def _run_tests(content: dict[str, Any], function: RemoteFunction) -> tuple[str, Any]:
    namespace: dict[str, Any] = {"__name__": "tests"}
    try:
        if content["imports"]:
            exec(compile(content["imports"], "<imports>", "exec", dont_inherit=True), {"__name__": "tests"})
    except BaseException as error:
        return "broken", f"the tests import what cannot be imported here: {type(error).__name__}: {_message(error)}"
    try:
        _define_prelude(content["prelude"], namespace)
        namespace[content["entry_point"]] = function
        code = compile(content["asserts"], "<test>", "exec", dont_inherit=True)
        exec(code, namespace)
        if missing := [name for name in content["names"] if name not in namespace]:
            return "unsupported", f"the tests need what only the program could define: {', '.join(missing)}"
        if "check" not in namespace and not function.called:
            return "broken", "the tests define no function check"
        namespace["check"](function)
    except Unsupported as error:
        return "unsupported", str(error)
    except NameError as error:
        if error is not function.raised and (not function.called or error.name in content["names"]):
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
    if "changed" in answer:
        return answer.get("value", ...) is None
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
