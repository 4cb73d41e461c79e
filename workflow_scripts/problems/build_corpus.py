"""Write the tiny testbed's pre-training corpus: prompts with right or plausibly wrong completions, as JSON Lines.

Its compositions come from the corpus bucket (problems/generated/buckets.py), which no split of problems shares. A
corrupted completion is verified to differ from the right answer, so that a base model starts out able but unreliable.
In C++ too, without a compiler: a wrong program there is the right one of another composition.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from statistics import mean

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import CorpusRow
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.generated.buckets import CORPUS
from workflow_scripts.problems.generated.catalogue import Composition
from workflow_scripts.problems.generated.compose import (
    DOMAINS,
    cpp_completion,
    cpp_prompt,
    python_completion,
    python_prompt,
    reference_expressions,
)
from workflow_scripts.problems.generated.corrupt import corrupt
from workflow_scripts.problems.generated.select_compositions import count_per_depth, parse_depth_weights, stream_bucket
from workflow_scripts.problems.generated.wrong_compositions import wrong_composition

# How many compositions in a row may have no wrong solution that the sample shows to be wrong.
_PATIENCE = 1000


def build_corpus(domain: str, counts: Mapping[int, int], corrupted_fraction: float, seed: int) -> list[CorpusRow]:
    """``counts[depth]`` rows of each depth in a seeded order, the stated fraction of them (rounded) corrupted.

    A depth with fewer compositions than rows is gone through again, with other corruptions.
    """
    total = sum(counts.values())
    depths = [depth for depth, count in counts.items() for _ in range(count)]
    flags = [number < round(corrupted_fraction * total) for number in range(total)]
    rng = random.Random(derive_seed("corpus", seed))
    rng.shuffle(depths)
    rng.shuffle(flags)
    streams = {depth: cycle(stream_bucket(CORPUS, depth, seed)) for depth in counts}
    return [
        _corrupted_row(domain, streams[depth], rng) if corrupted else _right_row(domain, next(streams[depth]))
        for depth, corrupted in zip(depths, flags, strict=True)
    ]


def _right_row(domain: str, composition: Composition) -> CorpusRow:
    if domain == "cpp":
        return _row(domain, composition, cpp_completion(composition), corrupted=False)
    return _row(domain, composition, python_completion(reference_expressions(composition)), corrupted=False)


def _corrupted_row(domain: str, stream: Iterator[Composition], rng: random.Random) -> CorpusRow:
    for composition in islice(stream, _PATIENCE):
        completion = _wrong_completion(domain, composition, rng)
        if completion is not None:
            return _row(domain, composition, completion, corrupted=True)
    raise RuntimeError(f"none of {_PATIENCE} compositions could be corrupted")


def _wrong_completion(domain: str, composition: Composition, rng: random.Random) -> str | None:
    if domain == "cpp":
        other = wrong_composition(composition, rng)
        return None if other is None else cpp_completion(other)
    expressions = corrupt(composition, rng)
    return None if expressions is None else python_completion(expressions)


def _row(domain: str, composition: Composition, completion: str, corrupted: bool) -> CorpusRow:
    return {
        "prompt": cpp_prompt(composition) if domain == "cpp" else python_prompt(composition),
        "completion": completion,
        "composition": list(composition),
        "corrupted": corrupted,
    }


def summarize(rows: list[CorpusRow]) -> str:
    """One line per depth: rows, distinct compositions, corrupted share, mean and maximum characters."""
    lines = []
    for depth in sorted({len(row["composition"]) for row in rows}):
        chosen = [row for row in rows if len(row["composition"]) == depth]
        distinct = len({tuple(row["composition"]) for row in chosen})
        prompts, completions = [len(row["prompt"]) for row in chosen], [len(row["completion"]) for row in chosen]
        lines.append(
            f"depth {depth}: {len(chosen)} rows of {distinct} compositions, "
            f"{mean(row['corrupted'] for row in chosen):.2f} corrupted; characters (mean/max): "
            f"prompt {mean(prompts):.0f}/{max(prompts)}, completion {mean(completions):.0f}/{max(completions)}"
        )
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domain", required=True, choices=DOMAINS, help="language of the completions")
    parser.add_argument("--count", required=True, type=int, help="number of rows")
    parser.add_argument("--corrupted-fraction", required=True, type=float, help="share of wrong completions, 0 to 1")
    parser.add_argument("--depths", required=True, help="weights of the depths, e.g. 1:8,2:52,3:40")
    parser.add_argument("--seed", required=True, type=int, help="seed of the selection and of the corruptions")
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    arguments = parser.parse_args()
    if arguments.count < 1:
        parser.error(f"--count: {arguments.count} is not at least 1")
    if not 0 <= arguments.corrupted_fraction <= 1:
        parser.error(f"--corrupted-fraction: {arguments.corrupted_fraction} is not between 0 and 1")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    counts = count_per_depth(parse_depth_weights(arguments.depths), arguments.count)
    rows = build_corpus(arguments.domain, counts, arguments.corrupted_fraction, arguments.seed)
    write_jsonl(arguments.output, rows, schema="corpus_row")
    print(summarize(rows), file=sys.stderr)


if __name__ == "__main__":
    run(main)
