"""Which rows of a sampling batch still share their tokens: each distinct prefix is computed once.

The samples of a prompt begin alike, and those of a narrow policy stay alike for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Growth:
    """How the prefixes change with one more token: slot i goes on with ``tokens[i]``; first, ``sources`` are copied.

    What lies in slot ``sources[j]`` is copied to slot ``targets[j]``; no slot is both.
    """

    tokens: list[int]
    sources: list[int]
    targets: list[int]


class Prefixes:
    """The slot in which each row's prefix is kept; slots 0 to ``count`` - 1 are in use."""

    def __init__(self, prompts: int, group_size: int) -> None:
        """Rows begin with their prompts: ``group_size`` in a row for each."""
        self.count = prompts
        self.slots = [prompt for prompt in range(prompts) for _ in range(group_size)]

    def grow(self, chosen: Sequence[int], live: Sequence[bool]) -> Growth:
        """Go on with the token that each row chose; rows that are not live leave, and the others keep their order."""
        pairs = [pair for pair, stays in zip(zip(self.slots, chosen, strict=True), live, strict=True) if stays]
        children = dict.fromkeys(pairs, -1)
        count = len(children)
        # The first child of a prefix stays where its parent is, unless slots beyond the new count fall away.
        taken: set[int] = set()
        for child in children:
            parent = child[0]
            if parent < count and parent not in taken:
                children[child] = parent
                taken.add(parent)
        free = iter([slot for slot in range(count) if slot not in taken])
        growth = Growth([0] * count, [], [])
        for child, slot in children.items():
            if slot < 0:
                children[child] = slot = next(free)
                growth.sources.append(child[0])
                growth.targets.append(slot)
            growth.tokens[slot] = child[1]
        self.count = count
        self.slots = [children[pair] for pair in pairs]
        return growth
