"""Which split a composition belongs to: a fixed function of the composition, so that splits never meet.

Depth 1 is too small to be divided at random (there are fewer than 100): its compositions are ranked by their hash and
dealt out in fixed numbers. Deeper compositions go by the digest of what they compute, so that two that differ in words
only ("sort, then double" and "double, then sort") fall into one split; the splits are thereby disjoint by composition
hash as well. Nothing here depends on a seed: a corpus and a split drawn with different seeds are disjoint too.
"""

import functools

from workflow_scripts.problems.generated.catalogue import Composition, compositions
from workflow_scripts.problems.generated.compose import composition_hash

CORPUS = "corpus"

# How many of the depth-1 compositions each bucket holds; the corpus has the rest.
_DEPTH_1_SIZES = {"train": 45, "probe": 9, "tuning": 9, "main": 9}

# The share of the deeper compositions that each bucket holds; the corpus has the rest.
_DEEPER_SHARES: dict[int, dict[str, float]] = {
    2: {"train": 0.25, "probe": 0.07, "tuning": 0.07, "main": 0.07},
    3: {"train": 0.10, "probe": 0.03, "tuning": 0.03, "main": 0.03, "hard": 0.03},
}

MAX_DEPTH = max(_DEEPER_SHARES)
BUCKETS = (*_DEEPER_SHARES[3], CORPUS)


def bucket_of(composition: Composition, signature: str) -> str:
    """The bucket of a composition with this behaviour signature (16 hexadecimal digits)."""
    if len(composition) == 1:
        return _depth_1_buckets()[composition]
    position = int(signature, 16) / 16 ** len(signature)
    for bucket, share in _DEEPER_SHARES[len(composition)].items():
        if position < share:
            return bucket
        position -= share
    return CORPUS


@functools.cache
def _depth_1_buckets() -> dict[Composition, str]:
    ranked = iter(sorted(compositions(1), key=composition_hash))
    dealt = {next(ranked): bucket for bucket, size in _DEPTH_1_SIZES.items() for _ in range(size)}
    return dealt | dict.fromkeys(ranked, CORPUS)
