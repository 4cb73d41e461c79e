"""Rows with equal tokens share a slot, and a slot always holds what its rows have drawn."""

import random

from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.training.samplers.prefixes import Prefixes


def test_a_group_begins_in_one_slot_and_parts_where_its_tokens_differ() -> None:
    prefixes = Prefixes(2, 3)
    assert (prefixes.slots, prefixes.count) == ([0, 0, 0, 1, 1, 1], 2)
    growth = prefixes.grow([7, 7, 8, 9, 9, 9], [True] * 6)
    assert (growth.tokens, growth.sources, growth.targets) == ([7, 9, 8], [0], [2])
    assert (prefixes.slots, prefixes.count) == ([0, 0, 2, 1, 1, 1], 3)


def test_slots_that_nobody_needs_fall_away() -> None:
    prefixes = Prefixes(3, 1)
    growth = prefixes.grow([5, 5, 6], [False, False, True])
    assert (growth.tokens, growth.sources, growth.targets) == ([6], [2], [0])
    assert (prefixes.slots, prefixes.count) == ([0], 1)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_every_slot_holds_its_rows_tokens(prompts: int, group: int, steps: int, seed: int) -> None:
    choices = random.Random(seed)
    prefixes = Prefixes(prompts, group)
    drawn = [[row // group] for row in range(prompts * group)]
    cache = {slot: [slot] for slot in range(prompts)}
    for _ in range(steps):
        chosen = [choices.randrange(3) for _ in drawn]
        live = [choices.random() < 0.8 for _ in drawn]
        if not any(live):
            break
        growth = prefixes.grow(chosen, live)
        assert not set(growth.sources) & set(growth.targets)
        for source, target in zip(growth.sources, growth.targets, strict=True):
            cache[target] = list(cache[source])
        for slot, token in enumerate(growth.tokens):
            cache[slot].append(token)
        drawn = [[*row, token] for row, token, stays in zip(drawn, chosen, live, strict=True) if stays]
        assert [cache[slot] for slot in prefixes.slots] == drawn
        assert prefixes.count == len({tuple(row) for row in drawn}) == len(growth.tokens)
        assert set(prefixes.slots) == set(range(prefixes.count))
