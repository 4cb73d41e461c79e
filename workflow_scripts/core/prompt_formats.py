"""The ways in which a policy is asked for a program.

``plain``: it continues the problem's prompt, as a base model does. ``chat``: it answers a user's message, rendered by
the model's own chat template, and the program is in its answer. ``prefilled``: as ``chat``, but its answer is begun for
it, with a fence and the problem's prompt, and it goes on from there until it closes the fence.
"""

from collections.abc import Mapping
from typing import Any

PROMPT_FORMATS = ("plain", "chat", "prefilled")

# A published model takes a function that ends in its docstring for complete, and closes the fence: so its body is begun
# too, up to the last blank of the indent, which tokenizers put before the word that follows.
_INDENT = "   "


def begun_body(problem: Mapping[str, Any]) -> str:
    """What stands between a prompt that is prefilled and the completion; both are one program with it."""
    continues = problem["completion_kind"] == "continuation" and problem["prompt"].endswith("\n")
    return _INDENT if continues else ""
