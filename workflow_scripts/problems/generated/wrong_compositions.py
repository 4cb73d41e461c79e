"""Wrong turns in a composition, by name: steps replaced by others of the same types, dropped, or swapped."""

import functools
import random

from workflow_scripts.problems.generated.behaviour import outputs
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, Composition

# A wrong solution differs on at least this share of the sample, so that six tests find nearly every one.
MIN_SHARE_OF_WRONG_OUTPUTS = 0.25
ATTEMPTS = 12


@functools.cache
def replacements(name: str) -> tuple[str, ...]:
    """The other primitives of the same input and output type."""
    step = PRIMITIVES[name]
    return tuple(
        other.name
        for other in PRIMITIVES.values()
        if other.name != name and (other.input_type, other.output_type) == (step.input_type, step.output_type)
    )


def replace_one(composition: Composition, rng: random.Random) -> list[str]:
    """The names with one step replaced; as they are where nothing can replace it."""
    return _replace(composition, [rng.randrange(len(composition))], rng)


def replace_two(composition: Composition, rng: random.Random) -> list[str]:
    """The names with two steps replaced; none of one step."""
    if len(composition) < 2:
        return []
    return _replace(composition, rng.sample(range(len(composition)), 2), rng)


def _replace(composition: Composition, places: list[int], rng: random.Random) -> list[str]:
    names = list(composition)
    for place in places:
        if others := replacements(composition[place]):
            names[place] = rng.choice(others)
    return names


def drop_one(composition: Composition, rng: random.Random) -> list[str]:
    """The names without one; none of one step."""
    if len(composition) < 2:
        return []
    names = list(composition)
    del names[rng.randrange(len(composition))]
    return names


def swap_neighbours(composition: Composition, rng: random.Random) -> list[str]:
    """The names with two neighbours swapped; none of one step."""
    if len(composition) < 2:
        return []
    names = list(composition)
    place = rng.randrange(len(composition) - 1)
    names[place], names[place + 1] = names[place + 1], names[place]
    return names


def is_wrong(results: list[object], right: list[object]) -> bool:
    """Whether results on the sample differ on enough of it."""
    differences = sum(a != b for a, b in zip(results, right, strict=True))
    return differences >= MIN_SHARE_OF_WRONG_OUTPUTS * len(right)


def fits(names: list[str], composition: Composition) -> bool:
    """Whether the names make a program that compiles as a solution of ``composition``: no type is unexpected."""
    steps = [PRIMITIVES[name] for name in names]
    given = [PRIMITIVES[composition[0]].input_type, *(step.output_type for step in steps)]
    expected = [*(step.input_type for step in steps), PRIMITIVES[composition[-1]].output_type]
    return given == expected


# As the wrong Python expressions, but for edits within a step: what those do, only the compiler could tell.
_KINDS = (replace_one, replace_two, drop_one, swap_neighbours)
_WEIGHTS = (70, 10, 10, 10)


def wrong_composition(composition: Composition, rng: random.Random) -> Composition | None:
    """Another composition of the same types that stays within the bounds and differs on the sample; None if not found.

    Each primitive computes the same in every language, so what is wrong here is wrong in C++, and nothing is compiled.
    """
    right = outputs(composition)
    assert right is not None  # accepted compositions stay within the bounds
    for _ in range(ATTEMPTS):
        names = rng.choices(_KINDS, weights=_WEIGHTS)[0](composition, rng)
        if not names or not fits(names, composition):
            continue
        results = outputs(tuple(names))
        if results is not None and is_wrong(results, right):
            return tuple(names)
    return None
