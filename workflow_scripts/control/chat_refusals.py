"""What a chat endpoint that refuses a request asks to be sent otherwise, by the words of its refusal.

Servers differ in what they take of OpenAI's requests: hosted reasoning models know ``max_completion_tokens`` and no
``max_tokens``, and no temperature but 1; small servers know no ``response_format``.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

_WORDS = {
    "response_format": re.compile(r"response_format|json_schema|structured output|grammar"),
    "max_tokens": re.compile(r"\bmax_tokens\b"),
    "temperature": re.compile(r"\btemperature\b"),
}
# A limit that does not suit the model is no refusal of limits: without it answers would be longer still.
_UNSUITABLE = re.compile(
    r"too (?:large|high|big|long|small|low)|exceed|context (?:length|window)|at (?:most|least)|(?:less|greater) than"
    r"|maximum (?:context|value|allowed|of)"
)
_OTHER_LIMIT = re.compile(r"\bmax_(?!tokens\b)\w*tokens\b")


def refused_part(status: int | None, body: str, sent: Collection[str]) -> str | None:
    """Which of the ``sent`` parts (response_format, max_tokens, temperature) a response refuses; None for none.

    It is the one that the error's ``param`` names, else the first that its text names. Where that is not what the
    server minds, it refuses the next request too.
    """
    if status not in (400, 422):
        return None
    text, named = _read(body)
    if "max_tokens" in sent and _UNSUITABLE.search(text):
        sent = [part for part in sent if part != "max_tokens"]
    if part := next((part for part in sent if named.split(".")[0] == part), None):
        return part
    found = {part: match.start() for part in sent if (match := _WORDS[part].search(text))}
    return min(found, key=lambda part: found[part], default=None)


def spelling(part: str, body: str) -> str | None:
    """The name that the refusal of ``max_tokens`` asks for in its place; None where the part is to be left out."""
    other = _OTHER_LIMIT.search(_read(body)[0]) if part == "max_tokens" else None
    return other[0] if other else None


def _read(body: str) -> tuple[str, str]:
    """The words of a refusal in lower case, JSON's escapes resolved, and the parameter that its error names, or ""."""
    try:
        parsed = json.loads(body)
        text = "\n".join(_strings(parsed))
    except (ValueError, RecursionError):
        return body.lower(), ""
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else None
    named = error.get("param") if isinstance(error, dict) else None
    return text.lower(), named if isinstance(named, str) else ""


def _strings(value: Any) -> Iterator[str]:
    """All strings within a JSON value, the keys of its objects among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _strings(one)
