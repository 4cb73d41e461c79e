"""What tests expect: whether it can be judged at all, how large it is, and whether NaN belongs to it."""

import marshal
import math
import re
from collections.abc import Mapping
from typing import Any

from workflow_scripts.grading.verdicts import BrokenTests, Limits

# What a grader compares with at most, in one answer or output.
LARGEST_EXPECTED_BYTES = 64 << 20
# A zygote holds what a program says, beside all else.
_SHARE_OF_MEMORY = 8
_NAN = re.compile(r"(?<![a-z])(?:is)?nan[fl]?(?![a-z])|\bnot[ -]a[ -]number\b", re.IGNORECASE)


def speaks_of_nan(problem: Mapping[str, Any]) -> bool:
    """Whether the prompt or the tests name NaN. Where they do not, no right answer holds one.

    A NaN passes ``if abs(a - b) > eps``: each of its comparisons is false.
    """
    return any(_NAN.search(text) for text in (problem["prompt"], problem["tests"].get("code", "")))


def bytes_of(expected: Any) -> int:
    """At least as many bytes as an answer takes that is the expected text or JSON value."""
    if isinstance(expected, str):
        return len(expected.encode("utf-8", "surrogatepass"))
    return 2 * len(marshal.dumps(expected, 2))  # which writes long integers shorter than an answer does


def require_judgeable(problem: Mapping[str, Any], limits: Limits) -> None:
    """Raise BrokenTests where no program can pass or none can fail: expectations absent, too large, or NaN."""
    tests = problem["tests"]
    kind = tests["kind"]
    if kind == "stdio":
        outputs = [case["output"] for case in tests["cases"]]
        expects_nothing, largest = not "".join(outputs).strip(), max(map(bytes_of, outputs), default=0)
    elif kind == "calls":
        answers = [call["expected"] for call in tests["calls"]]
        expects_nothing, largest = not answers, bytes_of(answers)
        if _holds_nan(answers):
            raise BrokenTests(f"problem {problem['task_id']}: its tests expect NaN, which equals no answer")
    else:
        expects_nothing, largest = not tests["code"].strip(), bytes_of(tests["code"])
    if expects_nothing:
        raise BrokenTests(f"problem {problem['task_id']}: its tests expect nothing of a program")
    if kind != "stdio" and not problem["entry_point"]:
        raise BrokenTests(f"problem {problem['task_id']}: its tests need an entry_point")
    bound = min(LARGEST_EXPECTED_BYTES, limits.memory_bytes // _SHARE_OF_MEMORY)
    if largest > bound:
        raise BrokenTests(
            f"problem {problem['task_id']}: {largest} bytes of output are expected; at most {bound} are compared "
            f"({LARGEST_EXPECTED_BYTES >> 20} MiB, or 1/{_SHARE_OF_MEMORY} of a program's memory)"
        )


def _holds_nan(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, list):
        return any(map(_holds_nan, value))
    return isinstance(value, dict) and any(map(_holds_nan, value.values()))
