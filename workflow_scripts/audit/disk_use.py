"""What jobs would add to the disk: sizes of outputs like theirs, and how much lies there at once while they run.

What has no like here is 4 bytes per parameter where it is a checkpoint (2 where it is a published model), else assumed.
While a campaign trains, its folder also holds the state that it would go on from: weights, Adam's moments and the peak.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from workflow_scripts.audit.job_classes import TRAINING, JobClass, class_of
from workflow_scripts.audit.job_seconds import shape_of
from workflow_scripts.audit.schedule import Span, job_dependencies, ordered
from workflow_scripts.audit.snakemake_jobs import Job
from workflow_scripts.cost.model_shapes import ModelShape

ASSUMED_BYTES = 50_000
STATE_PER_CHECKPOINT = 4
# Outputs of a campaign from this one on are checkpoints: peak, end and snapshots, of one size.
_FIRST_CHECKPOINT = 3

Slot = tuple[JobClass, int]


@dataclass(frozen=True)
class DiskUse:
    """Bytes added: at the fullest moment, and when all is done. ``kinds``: how many outputs by how they are known."""

    peak: float
    stays: float
    kinds: Mapping[str, int]


def recorded_sizes(jobs: Iterable[Job]) -> dict[Slot, float]:
    """Mean bytes of the outputs that exist, by class and place among the outputs."""
    found: defaultdict[Slot, list[int]] = defaultdict(list)
    for job in jobs:
        for place, output in enumerate(job.outputs):
            if (path := Path(output.path)).exists():
                found[_slot(job, place)].append(bytes_of(path))
    return {slot: mean(sizes) for slot, sizes in found.items()}


def bytes_of(path: Path) -> int:
    """Of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def output_sizes(jobs: Sequence[Job], recorded: Mapping[Slot, float]) -> dict[str, tuple[float, str]]:
    """Bytes of every output of these jobs by path, and how they are known: ``measured``, ``formula`` or ``assumed``."""
    sizes: dict[str, tuple[float, str]] = {}
    by_id = {job.id: job for job in jobs}
    for number in ordered(job_dependencies(jobs)):
        job = by_id[number]
        for place, output in enumerate(job.outputs):
            sizes[output.path] = _size(job, place, recorded, sizes)
    return sizes


def disk_use(jobs: Sequence[Job], spans: Mapping[int, Span], sizes: Mapping[str, tuple[float, str]]) -> DiskUse:
    """Of jobs that run at these times; a temporary output goes when the last job that reads it ends."""
    last_read: dict[str, float] = {}
    for job in jobs:
        for path in job.inputs:
            last_read[path] = max(last_read.get(path, 0.0), spans[job.id][1])
    changes: list[tuple[float, float]] = []
    stays, kinds = 0.0, defaultdict[str, int](int)
    for job in jobs:
        start, end = spans[job.id]
        for place, output in enumerate(job.outputs):
            size, kind = sizes[output.path]
            kinds[kind] += 1
            changes.append((start, size))
            if output.temporary:
                changes.append((max(end, last_read.get(output.path, end)), -size))
            else:
                stays += size
            if place == _FIRST_CHECKPOINT and class_of(job.rule, job.wildcards).family == TRAINING:
                changes += [(start, STATE_PER_CHECKPOINT * size), (end, -STATE_PER_CHECKPOINT * size)]
    held = peak = 0.0
    for _, change in sorted(changes):
        held += change
        peak = max(peak, held)
    return DiskUse(peak, stays, dict(kinds))


def _slot(job: Job, place: int) -> Slot:
    own = class_of(job.rule, job.wildcards)
    return own, min(place, _FIRST_CHECKPOINT) if own.family == TRAINING else place


def _size(
    job: Job, place: int, recorded: Mapping[Slot, float], earlier: Mapping[str, tuple[float, str]]
) -> tuple[float, str]:
    own, slot = _slot(job, place)
    if (exact := recorded.get((own, slot))) is not None:
        return exact, "measured"
    if own.family == TRAINING and slot == _FIRST_CHECKPOINT:
        return _checkpoint(job, earlier)
    if own.family == "pretrain_model":
        return 4.0 * _declared_shape(job).parameters, "formula"
    if own.family == "fetch_model" and (shape := shape_of({"model_name": job.told["origin"]})):
        return 2.0 * shape.parameters, "formula"
    alike = [other for other in recorded if other[0].family == own.family and other[1] == slot]
    if alike:
        return recorded[max(alike, key=lambda other: (own.likeness(other[0]), str(other[0])))], "measured"
    return ASSUMED_BYTES, "assumed"


def _checkpoint(job: Job, earlier: Mapping[str, tuple[float, str]]) -> tuple[float, str]:
    """As large as what the campaign starts from, or as the published model's weights in float32."""
    if shape := shape_of(job.told):
        return 4.0 * shape.parameters, "formula"
    for path in job.inputs:
        if Path(path).is_dir():
            return bytes_of(Path(path)), "measured"
    known = [earlier[path] for path in job.inputs if path in earlier]
    return max(known, default=(float(ASSUMED_BYTES), "assumed"))


def _declared_shape(job: Job) -> ModelShape:
    """The shape of a model that is pre-trained here."""
    model = job.told["model"]
    return ModelShape(
        family=model["family"],
        vocabulary=job.told["pretraining"]["vocabulary_size"],
        hidden=model["hidden_size"],
        intermediate=model["intermediate_size"],
        layers=model["layers"],
        heads=model["attention_heads"],
        key_value_heads=model["key_value_heads"],
        head_dim=model["hidden_size"] // model["attention_heads"],
        tied=True,
        biased=model["family"] == "qwen2",
    )
