"""What a campaign leaves in its folder: the trace, its rollouts and checkpoints, nothing of what it needed before."""

import argparse
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

import tokenizers
import torch

from workflow_scripts.core.contracts.campaigns import Plan, Rollout, Trace
from workflow_scripts.core.digests import sealed_digests
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_path, sha256_file
from workflow_scripts.core.traces import end, pass_rates, peak
from workflow_scripts.training.campaign import Outcome
from workflow_scripts.training.settings import TrainingSettings


def make_trace(
    arguments: argparse.Namespace,
    plan: Plan,
    settings: TrainingSettings,
    outcome: Outcome,
    parameters: int,
    checksums: dict[str, str],
    outputs: dict[str, str],
    isolation: dict[str, str],
) -> Trace:
    """The trace (trace.schema.json): nothing in it differs between equal runs."""
    rates = pass_rates({"steps": outcome.steps})
    peak_step, peak_rate = peak(rates) if rates else (None, None)
    return {
        "schema_version": 1,
        "identity": {
            "testbed": arguments.testbed,
            "chain": plan["chain"],
            "controller": plan["controller"],
            "seed": plan["seed"],
            "campaign": plan["campaign"],
        },
        "model": {"role": arguments.model_role, "name": arguments.model_name, "parameters": parameters},
        "plan": plan,
        "settings": settings.model_dump(),
        "status": outcome.status,
        "steps": outcome.steps,
        "probe": outcome.probe,
        "peak": {"step": peak_step, "pass_rate": peak_rate},
        "end": {"step": len(rates) or None, "pass_rate": end(rates) if rates else None},
        "inputs": checksums,
        "outputs": outputs,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "tokenizers": tokenizers.__version__,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "cpu_model": cpu_model(),
        },
        "isolation": isolation,
    }


def cpu_model(description: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name: equal seeds give other numbers on another one. Its architecture where Linux has no name."""
    try:
        lines = description.read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write_rollouts(path: Path, rows: list[Rollout]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with atomic_path(path) as partial:
        pq.write_table(pa.Table.from_pylist(rows), partial, compression="zstd")


def output_digests(output: Path, snapshots: Sequence[int]) -> dict[str, str]:
    """The SHA-256 of each file that the campaign leaves beside its trace and its times, of checkpoints as written."""
    digests = {"rollouts.parquet": sha256_file(output / "rollouts.parquet")}
    for folder in ("peak", "end", *map(snapshot_name, snapshots)):
        written = sealed_digests(output / folder) or {}
        digests.update({f"{folder}/{name}": digest for name, digest in written.items()})
    return digests


def are_complete(output: Path, snapshots: Sequence[int]) -> bool:
    """Whether a campaign's folder has all that it leaves; each of it is whole or not there."""
    files = (output / name for name in ("trace.json", "timing.json", "rollouts.parquet"))
    folders = (output / name for name in ("peak", "end", *map(snapshot_name, snapshots)))
    # A workflow may have made a folder for what is to come.
    return all(map(Path.is_file, files)) and all(folder.is_dir() and any(folder.iterdir()) for folder in folders)


def snapshot_name(step: int) -> str:
    return f"step{step:03d}"


def hidden_snapshot(output: Path, step: int) -> Path:
    """Where a snapshot waits for the campaign's end: a workflow removes the outputs of a job that was interrupted."""
    return output / f".{snapshot_name(step)}"


def replace_folder(source: Path, target: Path) -> None:
    if not source.is_dir():
        raise UserError(f"--snapshots: {target.name}: the campaign did not reach this step; see --plan's max_steps")
    if target.exists():
        shutil.rmtree(target)
    source.rename(target)


def remove_state(path: Path) -> None:
    """Remove a state, a file or a folder, that nothing will go on from."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
