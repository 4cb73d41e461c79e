"""Write the tiny testbed's pre-training corpus: prompts with right or plausibly wrong completions, as JSON Lines.

A corpus has parts, each in one language and stated in English or German, so that a model starts out with some of every
capability that is measured (section 5.12).
Its compositions come from the corpus bucket (problems/generated/buckets.py), which no split of problems shares. A
corrupted completion is verified to differ from the right answer, so that a base model starts out able but unreliable.
In C++ too, without a compiler: a wrong program there is the right one of another composition.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import mean

from pydantic import ValidationError

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import CorpusRow
from workflow_scripts.core.files import parse_object, write_jsonl
from workflow_scripts.core.problem_models import CorpusPart
from workflow_scripts.core.sections import explain
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.generated.buckets import CORPUS
from workflow_scripts.problems.generated.catalogue import Composition
from workflow_scripts.problems.generated.compose import (
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


def build_part(part: CorpusPart, seed: int) -> list[CorpusRow]:
    """``part.pairs`` rows, of depths as it weighs them, in a seeded order, its fraction of them (rounded) corrupted.

    A depth with fewer compositions than rows is gone through again, with other corruptions.
    """
    counts = count_per_depth(parse_depth_weights(part.depths), part.pairs)
    depths = [depth for depth, count in counts.items() for _ in range(count)]
    flags = [number < round(part.corrupted_fraction * part.pairs) for number in range(part.pairs)]
    rng = random.Random(derive_seed("corpus", seed, part.language, part.stated_in))
    rng.shuffle(depths)
    rng.shuffle(flags)
    streams = {depth: cycle(stream_bucket(CORPUS, depth, seed)) for depth in counts}
    return [
        _corrupted_row(part, streams[depth], rng) if corrupted else _right_row(part, next(streams[depth]))
        for depth, corrupted in zip(depths, flags, strict=True)
    ]


def _right_row(part: CorpusPart, composition: Composition) -> CorpusRow:
    if part.language == "cpp":
        return _row(part, composition, cpp_completion(composition), corrupted=False)
    return _row(part, composition, python_completion(reference_expressions(composition)), corrupted=False)


def _corrupted_row(part: CorpusPart, stream: Iterator[Composition], rng: random.Random) -> CorpusRow:
    for composition in islice(stream, _PATIENCE):
        completion = _wrong_completion(part.language, composition, rng)
        if completion is not None:
            return _row(part, composition, completion, corrupted=True)
    raise RuntimeError(f"none of {_PATIENCE} compositions could be corrupted")


def _wrong_completion(language: str, composition: Composition, rng: random.Random) -> str | None:
    if language == "cpp":
        other = wrong_composition(composition, rng)
        return None if other is None else cpp_completion(other)
    expressions = corrupt(composition, rng)
    return None if expressions is None else python_completion(expressions)


def _row(part: CorpusPart, composition: Composition, completion: str, corrupted: bool) -> CorpusRow:
    prompt = cpp_prompt if part.language == "cpp" else python_prompt
    return {
        "prompt": prompt(composition, part.stated_in),
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
    parser.add_argument(
        "--part",
        required=True,
        action="append",
        metavar="JSON",
        help="one part, as config.yaml has it; may be repeated",
    )
    parser.add_argument("--seed", required=True, type=int, help="seed of the selection and of the corruptions")
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    return parser.parse_args()


def parse_part(text: str) -> CorpusPart:
    """Raises ``UserError`` that names the key and value that are wrong."""
    try:
        return CorpusPart.model_validate(parse_object(text, "--part"))
    except ValidationError as error:
        raise explain(error, "--part") from None


def main() -> None:
    arguments = parse_arguments()
    parts = [parse_part(text) for text in arguments.part]
    rows: list[CorpusRow] = []
    for part in parts:
        own = build_part(part, arguments.seed)
        print(f"{part.language}, stated in {part.stated_in}\n{summarize(own)}", file=sys.stderr)
        rows += own
    write_jsonl(arguments.output, rows, schema="corpus_row")


if __name__ == "__main__":
    run(main)
