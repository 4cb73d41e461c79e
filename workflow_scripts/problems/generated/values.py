"""The values that problems compute with: their bounds, and random inputs of every type."""

import random
import string
from typing import Any

from workflow_scripts.problems.generated.primitive import ValueType

MAX_INTEGER = 10**9
MAX_LIST_LENGTH = 64
MAX_TEXT_LENGTH = 200


def is_bounded(value: Any) -> bool:
    """Whether a value is small enough that no primitive can make an expensive step of it; text is printable ASCII."""
    if isinstance(value, list):
        return len(value) <= MAX_LIST_LENGTH and all(map(is_bounded, value))
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_LENGTH and value.isascii() and value.isprintable()
    return -MAX_INTEGER <= value <= MAX_INTEGER


def draw_input(value_type: ValueType, rng: random.Random) -> Any:
    """A non-empty random value: numbers with repeats and signs, text with digits, spaces, case and double letters."""
    if value_type == "int":
        return rng.randrange(*rng.choice(((2, 30), (10, 200), (100, 1000))))
    if value_type == "ints":
        pool = [rng.randrange(*rng.choice(((-9, 10), (-20, 100)))) for _ in range(rng.randint(3, 7))]
        return [rng.choice(pool) for _ in range(rng.randint(4, 8))]
    if value_type == "str":
        return " ".join(_draw_word(rng) for _ in range(rng.randint(2, 3)))
    words = [_draw_word(rng) for _ in range(rng.randint(3, 5))]
    return [rng.choice(words) for _ in range(rng.randint(3, 6))]


def _draw_word(rng: random.Random) -> str:
    alphabet = "aeiou" + string.ascii_lowercase + rng.choice((string.ascii_uppercase, string.digits, string.digits))
    letters = rng.choices(alphabet, k=rng.randint(1, 5))
    if rng.random() < 0.4:
        letters.append(letters[-1])
    return "".join(letters)
