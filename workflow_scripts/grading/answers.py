"""Values between processes as tagged JSON: written on one side of the sandbox's wall, read and compared on the other.

``None``, booleans, floats, strings, short integers and lists are themselves in JSON; everything else is an object with
one tag: ``int`` (hexadecimal), ``tuple``, ``set``, ``frozenset``, ``dict`` (pairs), ``bytes`` (hexadecimal),
``complex``, ``range`` or ``other`` (the name of a type whose values do not travel). ``objects`` and ``arguments`` add
the tags of calls between a program and tests.
"""

from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii
from typing import Any

_CONSTANTS = {None: "null", True: "true", False: "false"}
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_SHORT_INTEGER = 1 << 63
_HEX_BITS = 4
_COMPLEX_PARTS, _RANGE_PARTS = 2, 3
# Of each plain type, how to get a plain value out of one of its subclasses, such as Counter or a named tuple.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    str: str.__str__,
    float: float.__float__,
    list: lambda value: list.__getitem__(value, slice(None)),
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    dict: dict.copy,
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    bytes: bytes.__bytes__,
    bytearray: bytes,
}


class AnswerTooLarge(Exception):
    """The answer's encoding would exceed the output limit."""


class AnswerEncoder:
    """Encodes values; all of them together may hold ``budget`` characters and elements.

    Writes text itself: the general encoder touches twice the memory, and each page touched after a fork costs time.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget

    def encode(self, value: Any) -> str:
        """A value as tagged JSON text; of a subclass of a plain type, what the plain type holds."""
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
        if kind in (tuple, set, frozenset):
            return f'{{"{kind.__name__}": {self._items(value)}}}'
        if kind is dict:
            pairs = [f"[{self.encode(key)}, {self.encode(item)}]" for key, item in value.items()]
            return f'{{"dict": [{", ".join(pairs)}]}}'
        return self._rare(kind, value)

    def _rare(self, kind: type, value: Any) -> str:
        if kind is bytes:
            self._spend(2 * len(value))
            return f'{{"bytes": "{value.hex()}"}}'
        if kind is complex:
            return f'{{"complex": {self._items((value.real, value.imag))}}}'
        if kind is range:
            return f'{{"range": {self._items((value.start, value.stop, value.step))}}}'
        for base in kind.__mro__:
            if base in _PLAIN:
                return self.encode(_PLAIN[base](value))
        return self._other(value)

    def _other(self, value: Any) -> str:
        name = type(value).__name__
        self._spend(len(name))
        return f'{{"other": {encode_basestring_ascii(name)}}}'

    def _items(self, values: Iterable[Any]) -> str:
        return f"[{', '.join([self.encode(item) for item in values])}]"


class Decoder:
    """Rebuilds values from parsed tagged JSON; raises ValueError for what no encoder writes."""

    def decode(self, content: Any) -> Any:
        """The value that the content stands for."""
        if type(content) is list:
            return [self.decode(item) for item in content]
        if type(content) is not dict:
            return content
        if len(content) != 1:
            raise ValueError("not one tag")
        ((tag, inner),) = content.items()
        try:
            return self._decode_tagged(tag, inner)
        except (KeyError, TypeError, ArithmeticError, RecursionError) as error:
            raise ValueError(f"malformed {tag!r}") from error

    def _decode_tagged(self, tag: str, inner: Any) -> Any:
        return _DECODERS[tag](self, inner)

    def _items(self, content: Any) -> list[Any]:
        if type(content) is not list:
            raise ValueError("no list")
        return [self.decode(item) for item in content]

    def _dict(self, content: Any) -> dict[Any, Any]:
        return dict(map(self._items, content))

    def _numbers(self, content: Any, count: int) -> list[Any]:
        numbers = self._items(content)
        if len(numbers) != count or not all(type(part) in (int, float) for part in numbers):
            raise ValueError(f"not {count} numbers")
        return numbers

    def _int(self, text: Any) -> int:
        if type(text) is not str:
            raise ValueError("no hexadecimal text")
        return int(text, 16)


_DECODERS: dict[str, Callable[[Any, Any], Any]] = {
    "int": Decoder._int,
    "tuple": lambda decoder, content: tuple(decoder._items(content)),
    "set": lambda decoder, content: set(decoder._items(content)),
    "frozenset": lambda decoder, content: frozenset(decoder._items(content)),
    "dict": Decoder._dict,
    "bytes": lambda _, content: bytes.fromhex(content),
    "complex": lambda decoder, content: complex(*decoder._numbers(content, _COMPLEX_PARTS)),
    "range": lambda decoder, content: range(*decoder._numbers(content, _RANGE_PARTS)),
}


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
