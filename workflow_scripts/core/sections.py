"""What the sections of the configuration are made of: strict models, common types, and errors in one line each."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest

_UNKNOWN, _WITHIN = "unknown_key", "within"
_KINDS = {
    "int_type": "integer",
    "float_type": "number",
    "finite_number": "number",
    "string_type": "string",
    "bool_type": "boolean",
    "list_type": "array",
    "tuple_type": "array",
    "dict_type": "object",
    "model_type": "object",
}
_LIMITS = {
    "greater_than_equal": "is less than the minimum of {ge}",
    "greater_than": "is not above {gt}",
    "less_than_equal": "is greater than the maximum of {le}",
    "less_than": "is not below {lt}",
    "literal_error": "is not one of {expected}",
    "string_pattern_mismatch": "does not match {pattern!r}",
}


class Section(BaseModel):
    """A mapping of settings: nothing is coerced, and an unknown key is answered with the nearest valid one."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key not in cls.model_fields:
                raise PydanticCustomError(_UNKNOWN, "{words}", {"words": _unknown(key, cls.model_fields)})
        return given


def setting(description: str, **limits: Any) -> Any:
    """A setting with its one description."""
    return Field(description=description, **limits)


def optional(description: str | None = None, **limits: Any) -> Any:
    """A setting that may be left out, and is else of its type; a section describes itself."""
    return Field(default=None, description=description, **limits)


def within(place: str, words: str) -> PydanticCustomError:
    """The error of a section's validator about a place below the section."""
    return PydanticCustomError(_WITHIN, "{words}", {"words": f"{place}: {words}"})


def explain(error: ValidationError, source: str, place: str = "") -> UserError:
    """The shallowest mistake in one line: file, key and value; an unknown key explains what is missing beside it."""
    first = min(error.errors(), key=lambda one: (one["type"] != _UNKNOWN, len(one["loc"])))
    return UserError(f"{source}: {_line(first, place)}")


def _line(error: ErrorDetails, place: str) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    # In parentheses stands which form a section takes, and not a key.
    parts = [str(part) for part in error["loc"] if not str(part).startswith("(")]
    place = ".".join([*([place] if place else []), *parts])
    if kind in (_UNKNOWN, _WITHIN):
        return f"{place}.{context['words']}".lstrip(".")
    if place.endswith(".[key]"):
        place = place.removesuffix(".[key]")
        if kind == "literal_error":
            return _unknown(place, re.findall(r"'(\w+)'", context["expected"]))
        return f"{place}: not a valid name (pattern: {context['pattern']})"
    if kind == "missing":
        return f"{place}: is missing"
    if kind in _KINDS:
        return f"{place or '(top level)'}: {value!r} is a {type(value).__name__}, expected {_KINDS[kind]}"
    if kind in _LIMITS:
        return f"{place}: {value!r} {_LIMITS[kind].format(**context)}"
    return f"{place}: {value!r}: {context.get('error', error['msg'])}"


def _unknown(key: str, known: Iterable[str]) -> str:
    return f"{key}: unknown key; {nearest(key.rpartition('.')[2], known)}"


def _unique(items: list[Any]) -> list[Any]:
    if any(item in items[:place] for place, item in enumerate(items)):
        raise ValueError("an element stands twice")
    return items


Item = TypeVar("Item")
Unique = Annotated[list[Item], AfterValidator(_unique), Field(json_schema_extra={"uniqueItems": True})]
Count = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Text = Annotated[str, Field(min_length=1)]
