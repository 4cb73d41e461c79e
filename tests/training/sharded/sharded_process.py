"""One of several processes of a sharded training job: plays scenes and writes down what it saw, for the tests.

Run by a launcher as ``-m tests.training.sharded.sharded_process FOLDER``; FOLDER holds a model per family.
"""

import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from workflow_scripts.core.errors import UserError
from workflow_scripts.models.hugging_face import HuggingFacePolicy
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.rollouts import NonFiniteError
from workflow_scripts.training.sharded.data_parallel import DataParallel
from workflow_scripts.training.sharded.sharded_state import read_sharded_state, write_sharded_state
from workflow_scripts.training.sharded.sharded_update import take_gradient_step
from workflow_scripts.training.sharded.sharding import free_between_steps, gather, host_copy, load_sharded
from workflow_scripts.training.update.adam import Adam

TEMPERATURE = 0.7
LEARNING_RATE = 0.01
MAX_GRAD_NORM = 0.5
FINGERPRINT = "made from this"


@dataclass(frozen=True)
class Rows:
    """Token rows with a weight each."""

    tokens: list[list[int]]
    weights: Tensor

    def select(self, keep: Tensor) -> "Rows":
        return Rows([self.tokens[i] for i in keep.nonzero().flatten().tolist()], self.weights[keep])


def make_rows(count: int) -> Rows:
    """Rows of several lengths and of weights of either sign."""
    generator = torch.Generator().manual_seed(count)
    lengths = torch.randint(3, 12, (count,), generator=generator).tolist()
    tokens = [torch.randint(1, 37, (length,), generator=generator).tolist() for length in lengths]
    return Rows(tokens, torch.randn(count, generator=generator) / 11)


def make_row_loss(policy: HuggingFacePolicy) -> Callable[[Rows], Tensor]:
    """Weighted log-probabilities of the tokens behind the first two: a sum over rows, as an update's loss is."""

    def row_loss(rows: Rows) -> Tensor:
        width = max(map(len, rows.tokens))
        ids = torch.tensor([[*tokens, *[0] * (width - len(tokens))] for tokens in rows.tokens])
        places = torch.arange(1, width - 1)
        counted = places + 1 < torch.tensor([[len(tokens)] for tokens in rows.tokens])
        logits = policy.logits(policy.hidden(ids)[:, places]) / TEMPERATURE
        chosen = logits.log_softmax(-1).gather(2, ids[:, places + 1].unsqueeze(2)).squeeze(2)
        return -(rows.weights * (chosen * counted).sum(dim=1)).sum()

    return row_loss


def make_optimizer(policy: torch.nn.Module) -> Adam:
    optimizer = Adam(policy.parameters(), (0.9, 0.999), 0.01)
    optimizer.learning_rate = LEARNING_RATE
    return optimizer


def train(policy: HuggingFacePolicy, optimizer: Adam, processes: DataParallel) -> list[dict[str, float]]:
    """Three steps: several batches a process, fewer rows than processes, no rows."""
    steps = []
    for count in (7, 1, 0):
        rows = make_rows(count)
        row_loss = make_row_loss(policy)
        steps.append(vars(take_gradient_step(policy, optimizer, rows, row_loss, MAX_GRAD_NORM, 20, processes)))
    return steps


def measure_parts(policy: HuggingFacePolicy) -> dict[str, Any]:
    """Of each parameter: whether it is sharded, its number of elements and how many this process holds."""
    return {
        name: (isinstance(parameter, DTensor), parameter.numel(), parameter.to_local().numel(), str(parameter.dtype))
        for name, parameter in policy.named_parameters()
    }


def scene_update(folder: Path, processes: DataParallel) -> dict[str, Any]:
    """Every family: load, look at the parts, train, gather."""
    seen = {}
    for family in sorted(path.name for path in (folder / "models").iterdir()):
        policy = load_sharded(folder / "models" / family, processes, compute_dtype="float32")
        loaded = gather(policy.state_dict(), processes)
        optimizer = make_optimizer(policy)
        with torch.no_grad():
            logits = policy(torch.tensor([[3, 4, 5, 6, 7, 8, 9]]))
        free_between_steps(policy)
        parts = measure_parts(policy)
        steps = train(policy, optimizer, processes)
        moments = sum(moment.to_local().numel() for moment in optimizer.first_moments)
        trained = gather(policy.state_dict(), processes)
        seen[family] = {
            "parts": parts,
            "loaded": loaded,
            "logits": logits,
            "steps": steps,
            "moments": moments,
            "trained": trained,
            "output projection": policy.output_weight is policy.network.get_input_embeddings().weight,
        }
    return seen


def boundary(policy: HuggingFacePolicy, optimizer: Adam, step: int = 3) -> BoundaryState:
    peak = {name: 0.5 * tensor for name, tensor in host_copy(policy).items()}
    return BoundaryState(step, policy.state_dict(), optimizer.state(), peak, {"steps": [1, 2, 3]})


def scene_state(folder: Path, processes: DataParallel) -> dict[str, Any]:
    """Write the state after training, go on; then go back to it and go on again."""
    policy = load_sharded(folder / "models" / "qwen2-tied", processes, compute_dtype="float32")
    optimizer = make_optimizer(policy)
    train(policy, optimizer, processes)
    state = boundary(policy, optimizer)
    write_sharded_state(folder / "state", state, FINGERPRINT, processes)
    written = {part: gather(getattr(state, part), processes) for part in ("weights", "optimizer", "peak")}
    went_on = train(policy, optimizer, processes)
    read = read_sharded_state(folder / "state", FINGERPRINT, boundary(policy, optimizer, step=0), processes)
    assert read is not None
    policy.load_state_dict(read.weights)
    optimizer.load(read.optimizer)
    back = {part: gather(getattr(read, part), processes) for part in ("weights", "optimizer", "peak")}
    return {
        "written": written,
        "read": back,
        "step": read.step,
        "records": read.records,
        "went on": went_on,
        "went on again": train(policy, optimizer, processes),
        "of another": read_sharded_state(folder / "state", "another", state, processes),
        "nowhere": read_sharded_state(folder / "nowhere", FINGERPRINT, state, processes),
    }


def scene_failures(folder: Path, processes: DataParallel) -> dict[str, Any]:
    """Failures in one process end all of them alike and leave weights and files as they were."""
    policy = load_sharded(folder / "models" / "qwen2-tied", processes, compute_dtype="float32")
    optimizer = make_optimizer(policy)
    before = gather(policy.state_dict(), processes)
    rows = make_rows(7)
    rows.weights[2] = torch.nan
    errors = {}
    try:
        take_gradient_step(policy, optimizer, rows, make_row_loss(policy), 1.0, 20, processes)
    except NonFiniteError as error:
        errors["loss"] = str(error)
    after = gather(policy.state_dict(), processes)
    state = boundary(policy, optimizer)
    write_sharded_state(folder / "kept", state, FINGERPRINT, processes)
    (folder / "a file").write_text("in the way", encoding="utf-8")
    for name, place, limit in (("folder", folder / "a file" / "state", None), ("disk", folder / "kept", 2000)):
        try:
            with_file_size_limit(
                limit if processes.rank == processes.size - 1 else None,
                lambda place=place: write_sharded_state(place, state, FINGERPRINT, processes),
            )
        except OSError as error:
            errors[name] = type(error).__name__ + ": " + str(error)
    kept = read_sharded_state(folder / "kept", FINGERPRINT, state, processes)
    try:
        load_sharded(folder / "nowhere", processes)
    except UserError as error:
        errors["source"] = str(error)
    return {"before": before, "after": after, "errors": errors, "kept": kept is not None}


def with_file_size_limit(limit: int | None, work: Callable[[], None]) -> None:
    """Writing more than ``limit`` bytes to a file fails, as on a full disk."""
    if limit is None:
        return work()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, whole[1]))
    try:
        return work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)


def scene_half_precision(folder: Path, processes: DataParallel) -> dict[str, Any]:
    """Layers compute in bfloat16 with gradient checkpointing; weights, gradients and moments stay in float32."""
    policy = load_sharded(folder / "models" / "qwen2-tied", processes, compute_dtype="bfloat16")
    optimizer = make_optimizer(policy)
    dtypes = []
    policy.decoder.layers[0].mlp.register_forward_pre_hook(lambda _, inputs: dtypes.append(str(inputs[0].dtype)))
    steps = train(policy, optimizer, processes)
    kept = {str(tensor.dtype) for tensor in (*policy.parameters(), *optimizer.first_moments)}
    kept |= {str(parameter.grad.dtype) for parameter in policy.parameters()}
    return {"steps": steps, "computed in": dtypes, "kept in": sorted(kept)}


def scene_exchange(_folder: Path, processes: DataParallel) -> dict[str, Any]:
    items = [f"completion {number}" for number in range(5)]
    mine = list(processes.share(items))
    return {"mine": mine, "united": processes.unite([item.upper() for item in mine])}


SCENES = (scene_update, scene_state, scene_failures, scene_half_precision, scene_exchange)


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    processes = DataParallel.join("cpu")
    seen = {scene.__name__: scene(folder, processes) for scene in SCENES}
    torch.save(seen, folder / f"seen-{processes.rank}-of-{processes.size}.pt")
    processes.leave()


if __name__ == "__main__":
    main()
