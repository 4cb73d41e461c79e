"""Memory and time of a campaign from model, lengths and GPUs: a formula, printed as the table in the documentation.

Nothing here was measured: rates are data sheets' times the shares in ``Assumptions``. N parameters, G GPUs, all of one
machine. Weights, gradients and Adam's moments are in float32 and sharded, layers compute in bfloat16 with gradient
checkpointing, and each GPU holds a sampling engine with the whole model in bfloat16, or a part of it.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.cost.hardware import Accelerator, accelerator
from workflow_scripts.cost.model_shapes import SHAPES, ModelShape

GB = 1e9


@dataclass(frozen=True)
class Workload:
    """A campaign: prompts and samples per step, tokens per prompt and completion (mean and limit), steps.

    ``state_every``: steps between two states that a killed campaign goes on from; 0: none is written.
    """

    prompts_per_step: int
    group_size: int
    prompt_tokens: float
    completion_tokens: float
    completion_limit: int
    steps: int
    tokens_per_batch: int
    state_every: int

    @property
    def rows(self) -> int:
        return self.prompts_per_step * self.group_size

    @property
    def row_tokens(self) -> float:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Placement:
    """GPUs that train, and how many of them share the weights of one sampling engine."""

    hardware: Accelerator
    gpus: int
    gpus_per_engine: int


@dataclass(frozen=True)
class Assumptions:
    """Shares of the peak rates that are reached, bytes per second to disk, and seconds that no rate explains."""

    training_flops_share: float = 0.35
    decoding_bandwidth_share: float = 0.6
    link_share: float = 0.7
    disk_bandwidth: float = 2e9
    seconds_per_decoded_token: float = 0.004
    start_seconds: float = 120.0
    grading_seconds: float = 1.0


@dataclass(frozen=True)
class Memory:
    """Bytes at the fullest moment: on one GPU while it trains, of its engine, and in the host's memory."""

    sharded: float
    unsharded: float
    activations: float
    logits: float
    engine: float
    host: float

    @property
    def training(self) -> float:
        return self.sharded + self.unsharded + self.activations + self.logits

    @property
    def gpu(self) -> float:
        return self.training + self.engine


@dataclass(frozen=True)
class Seconds:
    """Of one step, by activity, and of what a campaign spends outside its steps."""

    sampling: float
    grading: float
    reference: float
    update: float
    synchronisation: float
    state: float
    start: float
    checkpoints: float

    @property
    def step(self) -> float:
        return self.sampling + self.grading + self.reference + self.update + self.synchronisation + self.state

    def campaign(self, steps: int) -> float:
        return self.start + steps * self.step + self.checkpoints


def memory(shape: ModelShape, work: Workload, place: Placement) -> Memory:
    """Bytes, by what holds them.

    - sharded: (4 weights + 4 gradients + 8 moments + 2 reference) N / G;
    - unsharded: embedding and output projection with their gradient (2 + 2 bytes), two layers (2 each), the gradient of
      one (2) and its sum over processes (4);
    - activations: the input of every layer (2 bytes), and all that one layer keeps while it is computed again;
    - logits: 18 bytes per predicted token and word: bfloat16, float32, over the temperature, log-softmax, gradient;
    - engine: 2 N over the GPUs that share it, and the cache of its rows at full length;
    - host: the peak's and the end's weights and those that were read, 4 N each.
    """
    count, tokens = shape.parameters, min(work.tokens_per_batch, work.rows * work.row_tokens)
    predicted = tokens * work.completion_tokens / work.row_tokens
    projections = shape.head_dim * (2 * shape.heads + 2 * shape.key_value_heads)
    kept = 2 * (6 * shape.hidden + projections + 4 * shape.intermediate) + 8 * shape.hidden
    engines = place.gpus / place.gpus_per_engine
    longest = work.prompt_tokens + work.completion_limit
    cache = work.rows / engines * longest * shape.cache_bytes_per_token / place.gpus_per_engine
    return Memory(
        sharded=18 * count / place.gpus,
        unsharded=4 * shape.embedding_parameters + (4 + 2 + 4) * shape.layer_parameters,
        activations=tokens * (2 * shape.hidden * shape.layers + kept),
        logits=18 * predicted * shape.vocabulary,
        engine=2 * count / place.gpus_per_engine + cache,
        host=12 * count,
    )


def seconds(shape: ModelShape, work: Workload, place: Placement, assumed: Assumptions) -> Seconds:
    """Seconds of a step, by activity.

    - sampling: a decoded token reads all weights and the cache of the engine's rows; the longest completion decides;
    - reference: a forward pass; update: forward, backward and the forward pass again, or, where that takes longer, the
      traffic that shards need: weights gathered twice (2 + 2 bytes), gradients summed (4), in every batch;
    - synchronisation: weights gathered for the engines; state: 16 N (weights, moments, peak) to disk;
    - checkpoints: peak and end, 4 N each.
    """
    count, hardware = shape.parameters, place.hardware
    arithmetic = place.gpus * hardware.flops * assumed.training_flops_share
    link = hardware.link_bandwidth * assumed.link_share * place.gpus / max(place.gpus - 1, 1)
    single = place.gpus == 1
    batches = max(1.0, work.rows * work.row_tokens / (place.gpus * work.tokens_per_batch))
    forward = work.rows * shape.forward_flops(work.row_tokens, work.completion_tokens)
    rows_per_engine = work.rows * place.gpus_per_engine / place.gpus
    cached = rows_per_engine * (work.prompt_tokens + work.completion_tokens / 2) * shape.cache_bytes_per_token
    read = (2 * count + cached) / place.gpus_per_engine / (hardware.memory_bandwidth * assumed.decoding_bandwidth_share)
    state = 16 * count / assumed.disk_bandwidth / work.state_every if work.state_every else 0.0
    return Seconds(
        sampling=work.completion_limit * (read + assumed.seconds_per_decoded_token),
        grading=assumed.grading_seconds,
        reference=max(forward / arithmetic, 0 if single else batches * 2 * count / link),
        update=max(4 * forward / arithmetic, 0 if single else batches * 8 * count / link),
        synchronisation=0 if single else 4 * count / link,
        state=state,
        start=assumed.start_seconds + 2 * count / assumed.disk_bandwidth,
        checkpoints=8 * count / assumed.disk_bandwidth,
    )


# The paper's campaign (sections 5.1 and F: one prompt, 16 samples, 20 steps); it does not state lengths.
PAPER = Workload(
    prompts_per_step=1,
    group_size=16,
    prompt_tokens=300,
    completion_tokens=300,
    completion_limit=1024,
    steps=20,
    tokens_per_batch=8192,
    state_every=0,
)
GPUS_PER_ENGINE = {"Qwen2.5-32B": 4}
ROLES = ("Qwen2.5-3B", "Qwen2.5-7B", "Qwen2.5-32B", "gemma-3-4b")


def table(hardware: Accelerator, gpus: int, work: Workload, assumed: Assumptions) -> str:
    """The estimate for every role as a Markdown table; GB per GPU, seconds per step, minutes and GPU hours.

    A sum that is more than the GPU has is followed by what it has.
    """
    head = (
        "Model", "N, 1e9", "GPU: shards", "passes", "engine", "sum", "Host", "Sampling", "Update", "Step", "Campaign",
        "Chain of 10",
    )  # fmt: skip
    units = ("", "", "GB", "GB", "GB", "GB", "GB", "s", "s", "s", "min", "GPU h")
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), f"| {' | '.join(units)} |"]
    for name in ROLES:
        shape, place = SHAPES[name], Placement(hardware, gpus, min(gpus, GPUS_PER_ENGINE.get(name, 1)))
        held, spent = memory(shape, work, place), seconds(shape, work, place, assumed)
        campaign = spent.campaign(work.steps)
        sizes = (held.sharded, held.training - held.sharded, held.engine, held.gpu, held.host)
        cells = [name, f"{shape.parameters / 1e9:.2f}", *(f"{size / GB:.0f}" for size in sizes)]
        if held.gpu > hardware.memory:
            cells[5] += f" > {hardware.memory / GB:.0f}"
        cells += [f"{spent.sampling:.1f}", f"{spent.update:.2f}", f"{spent.step:.1f}", f"{campaign / 60:.1f}"]
        lines.append(f"| {' | '.join([*cells, f'{10 * campaign * gpus / 3600:.1f}'])} |")
    return "\n".join(lines)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hardware", default="H100", help="GPU, by its name (default: H100)")
    parser.add_argument("--gpus", type=int, default=8, help="GPUs that train one campaign (default: 8)")
    for name, value in vars(PAPER).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value, help=f"default: {value}")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse_arguments()
    work = Workload(**{name: getattr(arguments, name) for name in vars(PAPER)})
    if arguments.gpus < 1:
        raise UserError(f"--gpus: {arguments.gpus} is not at least 1")
    for name, value in vars(work).items():
        if value <= 0 and name != "state_every":
            raise UserError(f"--{name.replace('_', '-')}: {value} is not above 0")
    print(table(accelerator(arguments.hardware), arguments.gpus, work, Assumptions()))


if __name__ == "__main__":
    run(main)
