"""Values between processes as tagged JSON: written on one side of the sandbox's wall, read and compared on the other.

``None``, booleans, floats, strings, short integers and lists are themselves in JSON; everything else is an object with
one tag: ``int`` (hexadecimal), ``tuple``, ``set``, ``frozenset``, ``dict`` (pairs), ``bytes`` (hexadecimal),
``complex``, ``range`` or ``other`` (the name of a type whose values do not travel).
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


class NotPlain(Exception):
    """The value is not made of plain built-in types; says what it is."""


class AnswerEncoder:
    """Encodes values; all of them together may hold ``budget`` characters and elements.

    ``strict`` raises NotPlain where the tag would be ``other``. Writes text itself: the general encoder touches twice
    the memory, and each page touched after a fork costs time.
    """

    def __init__(self, budget: int, strict: bool = False) -> None:
        self._budget, self._strict = budget, strict

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
        name = kind.__name__
        if self._strict:
            raise NotPlain(f"a {name}")
        self._spend(len(name))
        return f'{{"other": {encode_basestring_ascii(name)}}}'

    def _items(self, values: Iterable[Any]) -> str:
        return f"[{', '.join([self.encode(item) for item in values])}]"


def decode(content: Any) -> Any:
    """The value that parsed tagged JSON stands for.

    Raises NotPlain for ``other``, ValueError for what no encoder writes.
    """
    if type(content) is list:
        return [decode(item) for item in content]
    if type(content) is not dict:
        return content
    if len(content) != 1:
        raise ValueError("not one tag")
    ((tag, inner),) = content.items()
    try:
        return _DECODERS[tag](inner)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"malformed {tag!r}") from error


def _decode_int(text: Any) -> int:
    if type(text) is not str:
        raise ValueError("no hexadecimal text")
    return int(text, 16)


def _decode_numbers(content: Any, count: int) -> list[Any]:
    numbers = decode(content)
    if type(numbers) is not list or len(numbers) != count or not all(type(part) in (int, float) for part in numbers):
        raise ValueError(f"not {count} numbers")
    return numbers


def _decode_list(content: Any) -> list[Any]:
    if type(content) is not list:
        raise ValueError("no list")
    return [decode(item) for item in content]


def _refuse(name: Any) -> Any:
    raise NotPlain(f"a {name}" if type(name) is str else "something")


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "int": _decode_int,
    "tuple": lambda content: tuple(_decode_list(content)),
    "set": lambda content: set(_decode_list(content)),
    "frozenset": lambda content: frozenset(_decode_list(content)),
    "dict": lambda content: dict(map(_decode_list, content)),
    "bytes": bytes.fromhex,
    "complex": lambda content: complex(*_decode_numbers(content, _COMPLEX_PARTS)),
    "range": lambda content: range(*_decode_numbers(content, _RANGE_PARTS)),
    "other": _refuse,
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
