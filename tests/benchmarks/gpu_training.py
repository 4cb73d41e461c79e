"""Tokens sampled and trained per second, memory and model-FLOP utilisation, with random weights at real sizes.

    python -m tests.benchmarks.gpu_training --model Qwen2.5-0.5B --model Qwen2.5-3B
    python -m workflow_scripts.training.launch --processes 8 --device cuda tests.benchmarks.gpu_training --model ...

Runs the trainer's own parts: the sampler over transformers (in bfloat16, on each device by itself), and the sharded
update (float32 weights, bfloat16 layers, gradient checkpointing, Adam). Beside each time stands the roofline floor: the
least that the device's data sheet allows for the arithmetic and for the bytes that must be read. Utilisation counts
the operations of one forward and one backward pass, not those that checkpointing repeats. Without a GPU the model is
`tiny` and the numbers say nothing about training at real sizes; that is printed as well.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import Gemma3TextConfig, PretrainedConfig, Qwen2Config

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.cost.hardware import Accelerator, accelerator
from workflow_scripts.cost.model_shapes import SHAPES, ModelShape
from workflow_scripts.models.hugging_face import HuggingFacePolicy, build_policy
from workflow_scripts.training.samplers.cached_sampling import CachedSampler
from workflow_scripts.training.sharded.data_parallel import DataParallel
from workflow_scripts.training.sharded.sharded_update import take_gradient_step
from workflow_scripts.training.sharded.sharding import shard
from workflow_scripts.training.update.adam import Adam

NO_END: tuple[int, ...] = ()  # every completion has full length


@dataclass(frozen=True)
class Sizes:
    """Rows and tokens of a step; ``rows`` are completions over all processes."""

    rows: int
    prompt_tokens: int
    completion_tokens: int
    tokens_per_batch: int
    steps: int

    @property
    def row_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Rows:
    """Token rows of one length, each with the weight 1 / R."""

    tokens: list[list[int]]
    share: float

    def select(self, keep: Tensor) -> "Rows":
        return Rows([self.tokens[i] for i in keep.nonzero().flatten().tolist()], self.share)


def configuration(shape: ModelShape) -> PretrainedConfig:
    families = {"qwen2": Qwen2Config, "gemma3": Gemma3TextConfig}
    return families[shape.family](
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=shape.tied,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )


def random_rows(count: int, length: int, vocabulary: int) -> list[list[int]]:
    return torch.randint(0, vocabulary, (count, length), generator=torch.Generator().manual_seed(0)).tolist()


def timed(work: Callable[[], object], repeats: int, device: torch.device) -> tuple[float, float | None]:
    """Seconds of the fastest repeat after one that warms up, and the most bytes of device memory in use."""
    seconds = []
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    for _ in range(repeats + 1):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return min(seconds[1:]), peak


def report(
    seconds: float, memory: float | None, tokens: float, flops: float, floor: float | None, peak: float | None
) -> dict:
    """Per device; null where the device's rates or memory are not known."""
    return {
        "seconds": seconds,
        "tokens_per_second": tokens / seconds,
        "memory_gb": None if memory is None else memory / 1e9,
        "floor_seconds": floor,
        "times_floor": None if floor is None else seconds / floor,
        "model_flop_utilisation": None if peak is None else flops / seconds / peak,
    }


def measure_sampling(shape: ModelShape, sizes: Sizes, processes: DataParallel, known: Accelerator | None) -> dict:
    """One device draws its share of the rows; a decoded token reads all weights and the cache once."""
    device, rows = processes.device, max(1, sizes.rows // processes.size)
    with device:
        sampler = CachedSampler(build_policy(configuration(shape), "bfloat16"))
    prompts = random_rows(1, sizes.prompt_tokens, shape.vocabulary)

    def work() -> object:
        return sampler.sample(prompts, [1], rows, 0.7, sizes.completion_tokens, NO_END)

    seconds, memory = timed(work, 1, device)
    tokens = rows * sizes.completion_tokens
    flops = rows * shape.forward_flops(sizes.row_tokens, sizes.completion_tokens)
    mean_length = sizes.prompt_tokens + sizes.completion_tokens / 2
    read = 2 * shape.parameters + rows * mean_length * shape.cache_bytes_per_token
    floor = None
    if known:
        floor = sizes.completion_tokens * known.floor_seconds(flops / sizes.completion_tokens, read)
    return report(seconds, memory, tokens, flops, floor, known.flops if known else None)


def make_row_loss(policy: HuggingFacePolicy, prompt_tokens: int) -> Callable[[Rows], Tensor]:
    def row_loss(rows: Rows) -> Tensor:
        ids = torch.tensor(rows.tokens, device=policy.device)
        logits = policy.logits(policy.hidden(ids)[:, prompt_tokens - 1 : -1])
        flat = F.cross_entropy(logits.flatten(0, 1), ids[:, prompt_tokens:].flatten(), reduction="sum")
        return flat * rows.share

    return row_loss


def measure_update(shape: ModelShape, sizes: Sizes, processes: DataParallel, known: Accelerator | None) -> dict:
    """All processes make one gradient step over all rows; tokens, operations and floor are one device's share."""
    with processes.device:
        policy = build_policy(configuration(shape), gradient_checkpointing=True)
    shard(policy, processes, "float32" if processes.device.type == "cpu" else "bfloat16")
    optimizer = Adam(policy.parameters(), (0.9, 0.999), 0.0)
    optimizer.learning_rate = 1e-6
    rows = Rows(random_rows(sizes.rows, sizes.row_tokens, shape.vocabulary), 1 / sizes.rows)
    row_loss = make_row_loss(policy, sizes.prompt_tokens)

    def work() -> object:
        return take_gradient_step(policy, optimizer, rows, row_loss, 1.0, sizes.tokens_per_batch, processes)

    seconds, memory = timed(work, sizes.steps, processes.device)
    share = sizes.rows / processes.size
    flops = share * shape.training_flops(sizes.row_tokens, sizes.completion_tokens)
    # Weights, moments and gradient are read and written once by Adam, whatever else happens.
    floor = known.floor_seconds(flops, 28 * shape.parameters / processes.size) if known else None
    return report(seconds, memory, share * sizes.row_tokens, flops, floor, known.flops if known else None)


def show(name: str, part: str, values: dict) -> None:
    shown = {key: "unknown" if value is None else f"{value:.4g}" for key, value in values.items()}
    print(f"{name} {part}: {', '.join(f'{key} {value}' for key, value in shown.items())}", flush=True)


def device_name(processes: DataParallel) -> str:
    if processes.device.type == "cuda":
        return torch.cuda.get_device_name(processes.device)
    return f"{platform.machine()} processor, {torch.get_num_threads()} threads"


def join(device: str) -> DataParallel:
    """The launcher's processes, or this one alone."""
    alone = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    if "RANK" not in os.environ:
        os.environ.update(alone)
    return DataParallel.join(device)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", choices=sorted(SHAPES), help="may be given several times")
    parser.add_argument("--rows", type=int, default=64, help="completions per step (default: 64)")
    parser.add_argument("--prompt-tokens", type=int, default=256)
    parser.add_argument("--completion-tokens", type=int, default=512)
    parser.add_argument("--tokens-per-batch", type=int, default=8192, help="of one pass on one device")
    parser.add_argument("--steps", type=int, default=3, help="updates that are timed, after one that warms up")
    parser.add_argument("--output", type=Path, help="JSON file for the result")
    arguments = parser.parse_args(words)
    for name in asdict(Sizes(1, 1, 1, 1, 1)):
        if getattr(arguments, name) < 1:
            raise UserError(f"--{name.replace('_', '-')}: {getattr(arguments, name)} is not at least 1")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sizes = Sizes(**{name: getattr(arguments, name) for name in asdict(Sizes(1, 1, 1, 1, 1))})
    models = arguments.model or (["Qwen2.5-0.5B", "Qwen2.5-3B"] if device == "cuda" else ["tiny"])
    if device == "cpu":
        print("no GPU is at hand: the processor's numbers say nothing about training at real sizes", file=sys.stderr)
    processes = join(device)
    name = device_name(processes)
    known = accelerator(name) if device == "cuda" else None
    result = {"device": name, "devices": processes.size, "torch": torch.__version__, "sizes": asdict(sizes)}
    models_seen = {}
    for model in models:
        parts = {"sampling": measure_sampling, "update": measure_update}
        models_seen[model] = {part: measure(SHAPES[model], sizes, processes, known) for part, measure in parts.items()}
        if processes.is_first:
            for part, values in models_seen[model].items():
                show(f"{name} x {processes.size}, {model}", part, values)
    if arguments.output and processes.is_first:
        write_json(arguments.output, json.loads(json.dumps(result | {"models": models_seen})))
    processes.leave()


if __name__ == "__main__":
    run(main)
