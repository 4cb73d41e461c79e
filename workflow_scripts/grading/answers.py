"""Answers of a program as tagged JSON: written inside the sandbox, compared with the expected values outside of it.

``None``, booleans, floats, strings, short integers and lists are themselves in JSON; everything else is an object with
one tag: ``int`` (hexadecimal), ``tuple``, ``set``, ``dict`` (pairs) or ``other`` (a type that is never expected).
"""

from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Any

_CONSTANTS = {None: "null", True: "true", False: "false"}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_SHORT_INTEGER = 1 << 63
_HEX_BITS = 4


class AnswerTooLarge(Exception):
    """The answer's encoding would exceed the output limit."""


class AnswerEncoder:
    """Encodes a program's answers; all of them together may hold ``budget`` characters and elements.

    Writes text itself: the general encoder touches twice the memory, and each page touched after a fork costs time.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget

    def encode(self, value: Any) -> str:
        """A value as tagged JSON text; types are exact, so a subclass of a plain type is ``other``."""
        self._spend(1)
        kind = type(value)
        if kind is int:
            return self._integer(value)
        if kind is str:
            self._spend(len(value))
            return encode_basestring_ascii(value)
        if kind is float:
            text = repr(value)
            return _NOT_FINITE.get(text, text)
        if kind is bool or value is None:
            return _CONSTANTS[value]
        return self._container(kind, value)

    def _spend(self, amount: int) -> None:
        self._budget -= amount
        if self._budget < 0:
            raise AnswerTooLarge

    def _integer(self, value: int) -> str:
        if -_SHORT_INTEGER < value < _SHORT_INTEGER:
            return str(value)
        # Hexadecimal is linear in the number's length, and free of Python's limit on decimal digits.
        self._spend(value.bit_length() // _HEX_BITS)
        return f'{{"int": "{value:#x}"}}'

    def _container(self, kind: type, value: Any) -> str:
        if kind is list:
            return self._items(value)
        if kind is tuple:
            return f'{{"tuple": {self._items(value)}}}'
        if kind is set or kind is frozenset:
            return f'{{"set": {self._items(value)}}}'
        if kind is dict:
            pairs = [f"[{self.encode(key)}, {self.encode(item)}]" for key, item in value.items()]
            return f'{{"dict": [{", ".join(pairs)}]}}'
        return '{"other": null}'

    def _items(self, values: Iterable[Any]) -> str:
        return f"[{', '.join([self.encode(item) for item in values])}]"


def matches(expected: Any, answer: Any) -> bool:
    """Whether an answer, decoded from whatever a program sent, is the expected JSON value.

    Types are strict: True is not 1 and 1 is not 1.0. JSON has no tuples, so an expected list accepts a tuple. Floats
    compare with ``==``. Never builds a set or a dictionary of the answer's numbers: a program can make hashes collide.
    """
    if type(answer) is dict:
        return len(answer) == 1 and _matches_tagged(expected, *next(iter(answer.items())))
    if type(expected) is list:
        return type(answer) is list and _matches_items(expected, answer)
    return type(expected) is type(answer) and bool(expected == answer)


def _matches_tagged(expected: Any, tag: str, content: Any) -> bool:
    if tag == "int":
        return type(expected) is int and type(content) is str and content == hex(expected)
    if type(content) is not list:
        return False
    if tag == "tuple":
        return type(expected) is list and _matches_items(expected, content)
    return tag == "dict" and type(expected) is dict and _matches_pairs(expected, content)


def _matches_items(expected: list[Any], items: list[Any]) -> bool:
    return len(expected) == len(items) and all(map(matches, expected, items))


def _matches_pairs(expected: dict[str, Any], pairs: list[Any]) -> bool:
    if len(expected) != len(pairs) or not all(type(pair) is list and len(pair) == 2 for pair in pairs):
        return False
    if not all(type(key) is str and key in expected for key, _ in pairs) or len({key for key, _ in pairs}) != len(
        pairs
    ):
        return False
    return all(matches(expected[key], item) for key, item in pairs)
