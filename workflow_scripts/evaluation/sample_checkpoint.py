"""Sample completions of a split's problems from one checkpoint, for grading/grade_samples.py (paper section 5.12).

Nothing is trained: without --vllm the policy samples from itself, with it the engine starts from the checkpoint.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.digests import check_seal
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_path, parse_object, read_jsonl
from workflow_scripts.core.processes import require_writable
from workflow_scripts.core.prompt_formats import PROMPT_FORMATS
from workflow_scripts.core.sections import explain
from workflow_scripts.core.training_models import Vllm
from workflow_scripts.models.prompts import PromptFormat, prompt_format
from workflow_scripts.training.policies import load, sampler_for
from workflow_scripts.training.rollouts import NonFiniteError, collect
from workflow_scripts.training.samplers.protocol import Sampler

# Problems at a time: memory grows with them. Rounding may depend on it, so that it is no option.
BATCH = 16


def sample_problems(
    sampler: Sampler,
    prompts: PromptFormat,
    problems: Sequence[Problem],
    samples: int,
    temperature: float,
    max_tokens: int,
    seed_parts: Sequence[str | int],
) -> Iterator[list[dict[str, Any]]]:
    """The rows of each batch of problems in turn, ``samples`` per problem; log_probability is a completion's, in nats.

    A problem's draws derive from ``seed_parts`` and its id. Raises ``NonFiniteError`` as ``collect`` does.
    """
    for start in range(0, len(problems), BATCH):
        batch = problems[start : start + BATCH]
        _, sampled, completions = collect(sampler, prompts, batch, seed_parts, samples, temperature, max_tokens)
        log_probabilities = sampled.log_probabilities.sum(dim=1).tolist()
        yield [
            {
                "task_id": batch[row // samples]["task_id"],
                "sample": row % samples,
                "completion": completion,
                "tokens": int(sampled.lengths[row]),
                "finished": bool(sampled.finished[row]),
                "log_probability": log_probabilities[row],
            }
            for row, completion in enumerate(completions)
        ]


def open_sampler(checkpoint: Path, settings: Vllm | None) -> Sampler:
    """A sampler over the checkpoint's own weights, in an engine or in this process."""
    if settings is None:
        return sampler_for(load(checkpoint))
    check_seal(checkpoint)
    # Imported late: the engine takes seconds, and is installed where somebody samples with it alone.
    from workflow_scripts.training.samplers.vllm_sampler import VllmSampler

    return VllmSampler(checkpoint, settings, score=None)


def write_samples(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "task_id": pa.string(),
        "sample": pa.int32(),
        "completion": pa.string(),
        "tokens": pa.int32(),
        "finished": pa.bool_(),
        "log_probability": pa.float64(),
    }
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))
    with atomic_path(path) as partial:
        # Whoever grades them sees by the checksums that a page was damaged.
        pq.write_table(table, partial, compression="zstd", write_page_checksum=True)


def parse_vllm(text: str) -> Vllm:
    """The engine's settings from the JSON object that the rule passes."""
    try:
        return Vllm.model_validate(parse_object(text, "--vllm"))
    except ValidationError as error:
        raise explain(error, "--vllm") from None


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True, type=Path, help="folder in Hugging Face format")
    parser.add_argument("--problems", required=True, type=Path, help="the split, JSON Lines (problem.schema.json)")
    parser.add_argument(
        "--problems-limit", type=int, metavar="N", help="sample the first N problems alone (default: all of them)"
    )
    parser.add_argument("--samples", type=int, default=16, help="completions per problem (default: %(default)s)")
    parser.add_argument("--temperature", required=True, type=float)
    parser.add_argument("--max-completion-tokens", required=True, type=int, help="where a completion is cut")
    parser.add_argument("--prompt-format", required=True, choices=PROMPT_FORMATS)
    parser.add_argument("--vllm", metavar="JSON", help="settings of the engine that samples (default: none does)")
    parser.add_argument(
        "--seed-parts", required=True, nargs="+", help="what the draws derive from: chain, controller, seed, campaign"
    )
    parser.add_argument("--output", required=True, type=Path, help="samples.parquet to write")
    arguments = parser.parse_args()
    for option in ("problems_limit", "samples", "temperature", "max_completion_tokens"):
        value = getattr(arguments, option)
        if value is not None and not 0 < value < float("inf"):
            parser.error(f"--{option.replace('_', '-')}: {value} is not above 0")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(1)
    engine = None if arguments.vllm is None else parse_vllm(arguments.vllm)
    require_writable(arguments.output.parent)
    problems = read_jsonl(arguments.problems, schema="problem")[: arguments.problems_limit]
    if not problems:
        raise UserError(f"{arguments.problems}: no problems")
    prompts = prompt_format(arguments.prompt_format, arguments.checkpoint)
    seed_parts = (*arguments.seed_parts, "evaluation", arguments.problems.stem)
    sampler = open_sampler(arguments.checkpoint, engine)
    rows: list[dict[str, Any]] = []
    try:
        for batch in sample_problems(
            sampler,
            prompts,
            problems,
            arguments.samples,
            arguments.temperature,
            arguments.max_completion_tokens,
            seed_parts,
        ):
            rows += batch
            done = len(rows) // arguments.samples
            print(f"{done} of {len(problems)} problems sampled", file=sys.stderr, flush=True)
    except NonFiniteError:
        raise UserError(
            f"{arguments.checkpoint}: the policy's probabilities are not finite, so there is nothing to sample from; a "
            "campaign leaves no such weights: the folder is damaged, or the data type too narrow for it"
        ) from None
    finally:
        sampler.close()
    write_samples(arguments.output, rows)


if __name__ == "__main__":
    run(main)
