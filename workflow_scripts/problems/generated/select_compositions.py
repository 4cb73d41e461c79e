"""Draw the compositions of a split: the stated mix of depths, the five topics in turn, no behaviour twice."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, zip_longest
from typing import TypeVar

from workflow_scripts.core.contracts.problems import Call
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.generated.behaviour import accepted_signature
from workflow_scripts.problems.generated.buckets import MAX_DEPTH, bucket_of
from workflow_scripts.problems.generated.catalogue import Composition, compositions, topic_of
from workflow_scripts.problems.generated.primitive import TOPICS

Candidate = TypeVar("Candidate")


def parse_depth_weights(text: str) -> dict[int, float]:
    """``"1:8,2:52,3:40"`` as {1: 8.0, 2: 52.0, 3: 40.0}; weights need not sum to anything."""
    weights: dict[int, float] = {}
    for part in text.split(","):
        try:
            depth, weight = part.split(":")
            weights[int(depth)] = float(weight)
        except ValueError:
            raise UserError(f"--depths: '{part}' is not DEPTH:WEIGHT; write e.g. 1:8,2:52,3:40") from None
    if not all(1 <= depth <= MAX_DEPTH for depth in weights) or min(weights.values()) < 0 or not sum(weights.values()):
        raise UserError(f"--depths: '{text}': depths are 1 to {MAX_DEPTH}, weights are >= 0 and not all 0")
    return weights


def count_per_depth(weights: Mapping[int, float], count: int) -> dict[int, int]:
    """Divide ``count`` in proportion to the weights, by largest remainders; the parts sum to ``count``."""
    total = sum(weights.values())
    exact = {depth: count * weight / total for depth, weight in sorted(weights.items())}
    counts = {depth: int(share) for depth, share in exact.items()}
    by_remainder = sorted(exact, key=lambda depth: counts[depth] - exact[depth])
    for depth in by_remainder[: count - sum(counts.values())]:
        counts[depth] += 1
    return counts


def take_with_calls(
    counts: Mapping[int, int],
    candidates: Callable[[int], Iterable[Candidate]],
    calls_of: Callable[[Candidate], list[Call] | None],
    bucket: str,
    called: str,
) -> list[tuple[Candidate, list[Call]]]:
    """Of each depth the first ``counts[depth]`` candidates that have test calls, with these.

    Raises ``UserError`` where there are fewer; ``called`` is what a candidate is called, with {} for the depth.
    """
    taken: list[tuple[Candidate, list[Call]]] = []
    for depth, count in counts.items():
        if not count:
            continue
        with_calls = ((candidate, calls_of(candidate)) for candidate in candidates(depth))
        found = list(islice(((candidate, calls) for candidate, calls in with_calls if calls is not None), count))
        if len(found) < count:
            raise UserError(
                f"--depths: split '{bucket}' has {len(found)} {called.format(depth)}, {count} were asked for; "
                f"lower --count or the weight of depth {depth}"
            )
        taken += found
    return taken


def stream_bucket(bucket: str, depth: int, seed: int) -> Iterator[Composition]:
    """A bucket's compositions of one depth in a seeded order, topics in turn, each behaviour once."""
    candidates = compositions(depth)
    random.Random(derive_seed("composition order", seed, bucket, depth)).shuffle(candidates)
    by_topic = [[c for c in candidates if topic_of(c) == topic] for topic in TOPICS]
    seen: set[str] = set()
    streams = [_admit(group, bucket, seen) for group in by_topic]
    for round_of_topics in zip_longest(*streams):
        yield from (composition for composition in round_of_topics if composition is not None)


def _admit(candidates: list[Composition], bucket: str, seen: set[str]) -> Iterator[Composition]:
    for composition in candidates:
        digest = accepted_signature(composition)
        if digest is not None and digest not in seen and bucket_of(composition, digest) == bucket:
            seen.add(digest)
            yield composition
