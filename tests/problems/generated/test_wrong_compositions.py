"""Wrong turns in a composition keep its types, where that is asked for, and change what it computes."""

import random

import pytest

from workflow_scripts.problems.generated.behaviour import outputs
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, compositions
from workflow_scripts.problems.generated.wrong_compositions import (
    MIN_SHARE_OF_WRONG_OUTPUTS,
    drop_one,
    fits,
    replace_one,
    replace_two,
    replacements,
    swap_neighbours,
    wrong_composition,
)

COMPOSITION = ("split_words", "word_lengths", "sum_numbers")


def test_replacements_fit_the_types():
    for name, primitive in PRIMITIVES.items():
        for other in replacements(name):
            assert other != name
            assert PRIMITIVES[other].input_type == primitive.input_type
            assert PRIMITIVES[other].output_type == primitive.output_type


@pytest.mark.parametrize("seed", range(10))
def test_each_turn_does_what_it_says(seed):
    steps = ("reverse_list", "sort_ascending", "double_numbers")
    changed = [
        sum(a != b for a, b in zip(turn(steps, random.Random(seed)), steps, strict=True))
        for turn in (replace_one, replace_two, swap_neighbours)
    ]
    assert changed == [1, 2, 2]
    shorter = drop_one(steps, random.Random(seed))
    assert len(shorter) == 2
    assert set(shorter) < set(steps)


def test_one_step_can_only_be_replaced():
    assert all(turn(("square",), random.Random(0)) == [] for turn in (replace_two, drop_one, swap_neighbours))


@pytest.mark.parametrize(
    ("names", "fit"),
    [
        (["split_words", "word_lengths", "maximum"], True),
        (["text_length"], True),
        (["word_lengths", "sum_numbers"], False),  # takes words, the prompt gives a text
        (["split_words", "word_lengths"], False),  # gives numbers, the prompt wants one
        (["split_words", "sum_numbers"], False),
    ],
)
def test_types_fit_from_end_to_end(names, fit):
    assert fits(names, COMPOSITION) == fit


def test_wrong_compositions_fit_and_differ():
    rng = random.Random(0)
    chosen = [c for depth in (1, 2, 3) for c in rng.sample(compositions(depth), 60) if outputs(c) is not None]
    found = [(composition, wrong_composition(composition, rng)) for composition in chosen]
    assert sum(wrong is not None for _, wrong in found) > 0.8 * len(found)
    for composition, wrong in found:
        if wrong is None:
            continue
        assert fits(list(wrong), composition)
        pairs = list(zip(outputs(wrong), outputs(composition), strict=True))
        assert sum(a != b for a, b in pairs) >= MIN_SHARE_OF_WRONG_OUTPUTS * len(pairs)
