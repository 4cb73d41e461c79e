"""The arguments of calls between tests and a program in two processes, and what a program does to them.

Each mutable container among the arguments has a number, in the order in which they are written (the inner ones first).
The tag ``argument`` stands for the container of that number wherever it is met again: among the arguments, in an answer
that is or holds one of them as it was, and in the changes that a program made.
"""

import json
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from workflow_scripts.grading.inside.objects import ObjectDecoder, ObjectEncoder, StandIn

_MAX_ARGUMENT_BYTES = 1 << 30
_MUTABLE = frozenset((list, dict, set, bytearray, deque))


class NotPassable(Exception):
    """An argument that does not travel; says what it is."""


class ArgumentEncoder(ObjectEncoder):
    """Encodes the arguments of one call on the side of the tests; ``objects`` are the mutable containers by number."""

    def __init__(self) -> None:
        super().__init__(_MAX_ARGUMENT_BYTES)
        self.objects: list[Any] = []
        self._numbers: dict[int, int] = {}

    def request(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> bytes:
        """The text of a call; raises NotPassable."""
        return f"[{self.encode(arguments)}, {self.encode(tuple(keywords.items()))}]".encode()

    def _container(self, kind: type, value: Any) -> str:
        base = kind if kind in _MUTABLE else next((base for base in kind.__mro__ if base in _MUTABLE), None)
        if base is None:
            return super()._container(kind, value)
        if (number := self._numbers.get(id(value))) is not None:
            return f'{{"argument": {number}}}'
        text = super()._container(base, value)
        self._numbers[id(value)] = len(self.objects)
        self.objects.append(value)
        return text

    def _other(self, value: Any) -> str:
        # The iterator of a list may be a program's own answer; others may never end.
        if hasattr(type(value), "__next__") and not isinstance(value, (type(iter([])), StandIn)):
            raise NotPassable(f"a {type(value).__name__}")
        return super()._other(value)

    def _stand_in(self, kind: type, value: Any) -> str:
        if issubclass(kind, StandIn):
            repr(value)  # refused: the program's own object cannot come back to it
        raise NotPassable(f"a {kind.__name__}")


class NumberedDecoder(ObjectDecoder):
    """Decodes with ``objects``, the numbered containers of a call. ``collect`` adds to them what it makes."""

    def __init__(self, collect: bool, *refusals: Callable[..., Any]) -> None:
        super().__init__(*refusals)
        self._collect = collect
        self.objects: list[Any] = []

    def decode(self, content: Any) -> Any:
        """The value that the content stands for."""
        if type(content) is not list and type(content) is not dict:
            return content
        value = super().decode(content)
        if self._collect and type(value) in _MUTABLE and "argument" not in content:
            self.objects.append(value)
        return value

    def _decode_tagged(self, tag: str, inner: Any) -> Any:
        if tag != "argument":
            return super()._decode_tagged(tag, inner)
        if type(inner) is not int or not 0 <= inner < len(self.objects):
            raise ValueError("no argument of that number")
        return self.objects[inner]

    def change(self, changes: Any) -> None:
        """Give numbered containers the content that a program left in its copies of them."""
        if type(changes) is not list or not all(type(change) is list and len(change) == 2 for change in changes):
            raise ValueError("no changes")
        made = []
        for number, content in changes:
            target, value = self._decode_tagged("argument", number), self.decode(content)
            if not (type(value) in _MUTABLE and isinstance(target, type(value))):
                raise ValueError("a change of type")
            made.append((target, value))
        for target, value in made:
            if isinstance(target, list | bytearray):
                target[:] = value
            else:
                target.clear()
                (target.extend if isinstance(target, deque) else target.update)(value)


class ReplyEncoder(ObjectEncoder):
    """Encodes the answers to calls on the side of the program; they may hold ``budget`` characters and elements."""

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self._output_bytes = budget
        self._request = b""
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._unchanged: bool | None = None

    def arguments(self, request: bytes) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments and keyword arguments of the next call."""
        self._request, self._unchanged = request, None
        arguments, keywords, self._objects = decode(request)
        self._numbers = _numbers(self._objects)
        return arguments, keywords

    def truth(self, number: int) -> str:
        """JSON of whether an object that stayed here is true."""
        return f'{{"value": {"true" if self.kept[number] else "false"}}}'

    def reply(self, answer: Any) -> str:
        """JSON of an answer: the ``value``, and where that is None what was ``changed`` in the arguments.

        A function that returns something is judged by that alone: one that empties its argument and returns it would
        pass a comparison with the sorted argument.
        """
        if answer is None and self._objects:
            return f'{{"value": null, "changed": [{", ".join(self._changes())}]}}'
        return f'{{"value": {self.encode(answer)}}}'

    def _container(self, kind: type, value: Any) -> str:
        number = self._numbers.get(id(value)) if self._numbers else None
        if number is not None:
            if self._unchanged is None:
                self._unchanged = not self._changes()
            if self._unchanged:
                return f'{{"argument": {number}}}'
        return super()._container(kind, value)

    def _changes(self) -> list[str]:
        """Number and content of each container that does not hold what it did when it was sent."""
        budget = self._output_bytes + len(self._request)
        now, before = _ContentEncoder(budget, self._objects), _ContentEncoder(budget, decode(self._request)[2])
        now.kept = self.kept
        contents = zip(now.contents(), before.contents(), strict=True)
        return [f"[{number}, {content}]" for number, (content, old) in enumerate(contents) if content != old]


class _ContentEncoder(ObjectEncoder):
    """Encodes what each numbered container holds, with its number for each of them that is within."""

    def __init__(self, budget: int, objects: list[Any]) -> None:
        super().__init__(budget)
        self._objects, self._numbers = objects, _numbers(objects)

    def contents(self) -> list[str]:
        return [super(_ContentEncoder, self)._container(type(value), value) for value in self._objects]

    def _container(self, kind: type, value: Any) -> str:
        number = self._numbers.get(id(value))
        return super()._container(kind, value) if number is None else f'{{"argument": {number}}}'


def _numbers(objects: list[Any]) -> dict[int, int]:
    return {id(value): number for number, value in enumerate(objects)}


def decode(request: bytes) -> tuple[tuple[Any, ...], dict[str, Any], list[Any]]:
    """The arguments and keyword arguments of a request, and the numbered containers among them."""
    decoder = NumberedDecoder(True, *[_unexpected] * 2, lambda: None)
    arguments, keywords = map(decoder.decode, json.loads(request))
    return arguments, dict(keywords), decoder.objects


def _unexpected(*_: Any) -> NoReturn:
    raise ValueError("no argument")
