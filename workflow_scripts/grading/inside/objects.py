"""Answers to tests beyond plain values: of the standard library's classes, lazy iterables, and any other object.

Tags beside those of ``answers``: ``fraction``, ``decimal``, ``date``, ``time``, ``datetime``, ``timedelta``, ``deque``,
``bytearray``, ``keys``, ``values`` and ``items`` (of a dictionary), ``iterator`` (the items that it gave), and
``other`` (type, number, whether it can be called) for an object that stays where it is: tests see a stand-in for it.
"""

import sys
from collections import deque
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

from workflow_scripts.grading.answers import AnswerEncoder, Decoder

# Begins a request for the truth of an object; its number follows.
TRUTH = b"truth of "
_MESSAGE_CHARACTERS = 200
# Of each class that travels by its name: its module. A program that has not imported that has no such value, and the
# modules are not loaded for the others, since all that is in memory makes every fork slower.
_MODULES = {
    "Fraction": "fractions",
    "Decimal": "decimal",
    "datetime": "datetime",
    "date": "datetime",
    "time": "datetime",
    "timedelta": "datetime",
}
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
_TIMEDELTA_PARTS = 3
_OPERATORS = (
    "lt le eq ne gt ge hash len length_hint getitem setitem delitem contains iter next reversed index int float "
    "complex round trunc floor ceil neg pos abs invert str repr format bytes fspath dir getattribute setattr delattr "
    "enter exit await aiter anext get set delete sizeof"
)
_BINARY = "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or"


def describe(error: BaseException) -> list[str]:
    """The name of an exception's nearest built-in type, and the beginning of its message."""
    kind = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
    try:
        return [kind.__name__, str(error)[:_MESSAGE_CHARACTERS]]
    except BaseException:
        return [kind.__name__, ""]


class ObjectEncoder(AnswerEncoder):
    """Encodes any value; ``kept`` are the objects that stay here, by number."""

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self.kept: list[Any] = []

    def _rare(self, kind: type, value: Any) -> str:
        if kind is bytearray:
            self._spend(2 * len(value))
            return f'{{"bytearray": "{value.hex()}"}}'
        return super()._rare(kind, value)

    def _other(self, value: Any) -> str:
        kind = type(value)
        for base in kind.__mro__:
            if base is deque:
                return f'{{"deque": [{self._items(value)}, {self.encode(value.maxlen)}]}}'
            if base in _VIEWS:
                return self._view(_VIEWS[base], value)
            if (name := base.__name__) in _MODULES and base is getattr(sys.modules.get(_MODULES[name]), name, None):
                return self._instance(name, base, value)
        if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
            return f'{{"iterator": {self._items(value)}}}'
        return self._stand_in(kind, value)

    def _view(self, tag: str, value: Any) -> str:
        if tag == "items":
            return f'{{"items": [{", ".join([self._items(pair) for pair in value])}]}}'
        return f'{{"{tag}": {self._items(value)}}}'

    def _instance(self, name: str, base: Any, value: Any) -> str:
        if name == "Fraction":
            return f'{{"fraction": {self._items((value.numerator, value.denominator))}}}'
        if name == "timedelta":
            return f'{{"timedelta": {self._items((value.days, value.seconds, value.microseconds))}}}'
        text = base.__str__(value) if name == "Decimal" else base.isoformat(value)
        return f'{{"{name.lower()}": {self.encode(text)}}}'

    def _stand_in(self, kind: type, value: Any) -> str:
        name = kind.__name__
        self._spend(len(name))
        self.kept.append(value)
        can_call = "true" if callable(value) else "false"
        return f'{{"other": [{encode_basestring_ascii(name)}, {len(self.kept) - 1}, {can_call}]}}'


class StandIn:
    """An object on the other side of a channel: it is true or false, and it is not None. All else is refused."""

    __slots__ = ("_refuse", "_truth")

    def __bool__(self) -> bool:
        return _truth_of(self)()


def _refused(stand_in: StandIn, *_: Any, **__: Any) -> NoReturn:
    _refusal_of(stand_in)()
    raise AssertionError("unreachable")


_truth_of, _refusal_of = (vars(StandIn)[name].__get__ for name in ("_truth", "_refuse"))
for _name in [*_OPERATORS.split(), *(f"{way}{name}" for name in _BINARY.split() for way in ("", "r", "i"))]:
    setattr(StandIn, f"__{_name}__", _refused)


class ObjectDecoder(Decoder):
    """Rebuilds values and makes stand-ins, which call ``refuse`` with their type's name and ``ask`` with their number.

    ``ask`` returns whether an object is true; ``refuse_nan`` is called for each NaN among decimals.
    """

    def __init__(
        self, refuse: Callable[[str], NoReturn], ask: Callable[[int], bool], refuse_nan: Callable[[], None]
    ) -> None:
        self._refuse, self._ask, self._refuse_nan = refuse, ask, refuse_nan
        self._kinds: dict[tuple[str, bool], type[StandIn]] = {}

    def _decode_tagged(self, tag: str, inner: Any) -> Any:
        decoder = _DECODERS.get(tag)
        return super()._decode_tagged(tag, inner) if decoder is None else decoder(self, inner)

    def _deque(self, content: Any) -> Any:
        items, largest = content
        return deque(self._items(items), largest)

    # What these import is not loaded unless it is needed: all that is in memory makes every fork slower.
    def _fraction(self, content: Any) -> Any:
        from fractions import Fraction

        return Fraction(*self._numbers(content, 2))

    def _decimal(self, text: Any) -> Any:
        from decimal import Decimal

        if type(text) is not str:
            raise ValueError("no text")
        number = Decimal(text)
        if number.is_nan():
            self._refuse_nan()
        return number

    def _datetime(self, name: str, content: Any) -> Any:
        import datetime

        if name == "timedelta":
            return datetime.timedelta(*self._numbers(content, _TIMEDELTA_PARTS))
        return getattr(datetime, name).fromisoformat(content)

    def _stand_in(self, content: Any) -> StandIn:
        name, number, can_call = content
        if (type(name), type(number), type(can_call)) != (str, int, bool):
            raise ValueError("no object")
        if (name, can_call) not in self._kinds:
            members = {"__slots__": ()} | ({"__call__": _refused} if can_call else {})
            self._kinds[name, can_call] = type(name, (StandIn,), members)
        stand_in = object.__new__(self._kinds[name, can_call])
        object.__setattr__(stand_in, "_refuse", lambda: self._refuse(name))
        object.__setattr__(stand_in, "_truth", lambda: self._ask(number))
        return stand_in


_DECODERS: dict[str, Callable[[Any, Any], Any]] = {
    "bytearray": lambda _, content: bytearray.fromhex(content),
    "deque": ObjectDecoder._deque,
    "keys": lambda decoder, content: dict.fromkeys(decoder._items(content)).keys(),
    "values": lambda decoder, content: dict(enumerate(decoder._items(content))).values(),
    "items": lambda decoder, content: decoder._dict(content).items(),
    "iterator": lambda decoder, content: iter(decoder._items(content)),
    "fraction": ObjectDecoder._fraction,
    "decimal": ObjectDecoder._decimal,
    "date": lambda decoder, content: decoder._datetime("date", content),
    "time": lambda decoder, content: decoder._datetime("time", content),
    "datetime": lambda decoder, content: decoder._datetime("datetime", content),
    "timedelta": lambda decoder, content: decoder._datetime("timedelta", content),
    "other": ObjectDecoder._stand_in,
}
