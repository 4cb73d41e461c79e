"""What a contest's statement says about its judge: how far a printed number may be off, and whether answers are many.

Words are looked for that judges' rules are written in; a statement that says it in others is taken as saying nothing.
"""

import re
import unicodedata

# 10^-6, 10^{-6}, $10^{ - 6}$, 10**-6, 10−6, 10 - 6 (a superscript that lost its place), 1e-6, 0.000001.
_POWER = r"(?:1(?:\.0*)?\s*(?:\\times|\\cdot|[*x×])\s*)?10\s*(?:\^|\*\*)?\s*[{(]?\s*[-−–—]\s*(?P<power>\d{1,2})"
_EXPONENT = r"1(?:\.0*)?e[-−–](?P<exponent>\d{1,2})"
_DECIMAL = r"(?P<decimal>0?\.0*[1-9]\d{0,2})(?!\d|\s*(?:%|percent|seconds?\b|minutes?\b|ms\b))"
_NUMBER = rf"\W{{0,4}}(?:{_POWER}|{_EXPONENT}|{_DECIMAL})"
_ERROR = r"\b(?:errors?|precision|accuracy|tolerance|deviate|differs?)\b"
_BOUND = (
    r"(?:at most|no more than|(?:less|greater|more|larger|smaller|better)(?: than| or equal to)+|exceeds?|exceeding|"
    r"within|up to|below|of|is|≤|<=?|\\leq?)"
)
_TOLERANCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # ... absolute or relative error does not exceed 10^-6; an error of at most 0.001
        rf"{_ERROR}[^.;\n]{{0,120}}?{_BOUND}{_NUMBER}",
        rf"(?:{_ERROR}|\baccurate to\b){_NUMBER}",
        # answers within 10^-5 of the actual value; within 10^-6 absolute or relative error
        rf"\bwithin{_NUMBER}\W{{0,4}}\s*(?:of|absolute|relative|error|from)\b",
        rf"\b(?:answers?|outputs?|correct|accurate|accepted)\b[^.;\n]{{0,60}}?\bwithin{_NUMBER}",
    )
)
_LARGEST_TOLERANCE = 0.1

_PRINT = r"\b(?:print|output|return|report|display)(?:s|ed|ing)?\b"
_ANY = r"\bany\s+(?:of (?:them|these|those|the)|one|such|valid|possible|correct|suitable|optimal|answers?|solutions?)\b"
_ACCEPTED = r"\b(?:accepted|allowed|acceptable|correct|considered)\b"
_SEVERAL_ANSWERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # print any of them; output any one; you may print any.
        rf"{_PRINT}\s+(?:\w+\s+)?{_ANY}",
        rf"{_PRINT}\s+any\s*[.;,)]",
        r"\b(?:find|construct)\s+any\s+(?:such|valid|suitable)\b",
        # any valid answer will be accepted; we accept any of them
        rf"{_ANY}[^.\n]{{0,40}}{_ACCEPTED}",
        rf"\baccepts?\s+{_ANY}",
        # if there are multiple answers, you can output either
        r"\b(?:multiple|several|many|more than one|various|different)\s+(?:\w+\s+){0,2}?"
        r"(?:answers?|solutions?|outputs?|ways|possibilities|options)\b[^\n]{0,80}?\b(?:any|either|arbitrary|whichever)\b",
        rf"{_PRINT}[^.\n]{{0,80}}\bin (?:any|arbitrary) order\b",
    )
)


def stated_tolerance(statement: str) -> float | None:
    """The absolute or relative error that a statement allows; the smallest where it names several."""
    text = unicodedata.normalize("NFKC", _unwrapped(statement).replace("⁻", "^-"))
    found = [_value(match) for pattern in _TOLERANCES for match in pattern.finditer(text)]
    return min((value for value in found if 0 < value <= _LARGEST_TOLERANCE), default=None)


def _value(match: re.Match[str]) -> float:
    negative = match["power"] or match["exponent"]
    return float(f"1e-{negative}" if negative else match["decimal"])


def allows_several_answers(statement: str) -> bool:
    """Whether a statement asks for any of several right answers, so that one printed answer judges no other."""
    text = _unwrapped(statement)
    return any(pattern.search(text) for pattern in _SEVERAL_ANSWERS)


def _unwrapped(statement: str) -> str:
    """The paragraphs of a statement, one to a line."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", statement.replace("\r\n", "\n"))
