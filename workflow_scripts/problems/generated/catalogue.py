"""All primitives by name, and the type-compatible compositions of them."""

from workflow_scripts.problems.generated import (
    primitives_advanced_structures,
    primitives_algorithms,
    primitives_basic_structures,
    primitives_strings,
    primitives_systems,
)
from workflow_scripts.problems.generated.primitive import Primitive

# Names of primitives in the order applied.
Composition = tuple[str, ...]

_BY_TOPIC = (
    primitives_strings.PRIMITIVES,
    primitives_basic_structures.PRIMITIVES,
    primitives_advanced_structures.PRIMITIVES,
    primitives_algorithms.PRIMITIVES,
    primitives_systems.PRIMITIVES,
)

PRIMITIVES: dict[str, Primitive] = {primitive.name: primitive for group in _BY_TOPIC for primitive in group}
assert len(PRIMITIVES) == sum(map(len, _BY_TOPIC)), "two primitives share a name"


def compositions(depth: int) -> list[Composition]:
    """Every composition of ``depth`` primitives whose types fit, in the catalogue's order."""
    found: list[Composition] = [(name,) for name in PRIMITIVES]
    for _ in range(depth - 1):
        found = [
            (*prefix, name)
            for prefix in found
            for name, primitive in PRIMITIVES.items()
            if primitive.input_type == PRIMITIVES[prefix[-1]].output_type
        ]
    return found


def topic_of(composition: Composition) -> str:
    """The topic of a composition is that of its last primitive, the one that makes the answer."""
    return PRIMITIVES[composition[-1]].topic
