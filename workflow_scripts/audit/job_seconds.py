"""How long a job takes: as long as its like took, else by the formula for GPUs, else what is assumed; each marked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from workflow_scripts.audit.job_classes import TRAINING, JobClass, class_of
from workflow_scripts.audit.recorded_seconds import Recorded
from workflow_scripts.audit.snakemake_jobs import Job
from workflow_scripts.cost.cost_estimate import PAPER, Assumptions, Placement, Workload, seconds
from workflow_scripts.cost.hardware import Accelerator
from workflow_scripts.cost.model_shapes import SHAPES, ModelShape

# Seconds where nothing is recorded, of the tiny testbed on one core of a server; of a campaign, by step.
ASSUMED = {
    TRAINING: 0.15,
    "pretrain_model": 140.0,
    "build_corpus": 3.0,
    "sample_checkpoint": 6.0,
    "grade_samples": 5.0,
    "regrade_rollouts": 120.0,
    "plan_campaign": 0.3,
}
ASSUMED_ON_GPUS = {"fetch_model": 600.0, "import_source": 900.0, "select_problems": 900.0, "sample_checkpoint": 600.0}
ASSUMED_ELSE = 2.0


@dataclass(frozen=True)
class Duration:
    """Seconds of one job, and where they come from: ``measured``, ``scaled``, ``formula`` or ``assumed``, in words."""

    seconds: float
    kind: str
    source: str


def duration(job: Job, recorded: Recorded, hardware: Accelerator) -> Duration:
    """The best that is known of a job. A campaign of another model says nothing of this one's."""
    own = class_of(job.rule, job.wildcards)
    if exact := recorded.get(own):
        return Duration(mean(exact), "measured", f"measured (n={len(exact)})")
    needed = 1 if own.family == TRAINING else 0
    alike = [other for other in recorded if other.family == own.family and own.likeness(other) >= needed]
    if alike:
        return _scaled(own, max(alike, key=lambda other: _closeness(own, other)), recorded)
    shape = shape_of(job.told)
    if own.family == TRAINING and job.gpus and shape:
        return Duration(_formula(job, shape, own.steps, hardware), "formula", f"formula ({hardware.name})")
    if job.gpus or own.family in ("fetch_model", "import_source", "select_problems"):
        return Duration(ASSUMED_ON_GPUS.get(own.family, ASSUMED_ELSE), "assumed", "assumed")
    assumed = ASSUMED.get(own.family, ASSUMED_ELSE)
    return Duration(assumed * max(own.steps, 1), "assumed", "assumed")


def shape_of(told: Mapping[str, Any]) -> ModelShape | None:
    """The shape of a published model, by its name on the hub."""
    name = str(told.get("model_name", "")).lower()
    return next((shape for known, shape in SHAPES.items() if known != "tiny" and known.lower() in name), None)


def _closeness(own: JobClass, other: JobClass) -> tuple[int, float, str]:
    """Like parts first, then the number of steps; the name so that ties fall the same way every time."""
    return own.likeness(other), -abs(own.steps - other.steps), str(other)


def _scaled(own: JobClass, other: JobClass, recorded: Recorded) -> Duration:
    factor = own.steps / other.steps if own.steps and other.steps else 1.0
    times = f" x {factor:g}" if factor != 1 else ""
    seconds_each = recorded[other]
    return Duration(mean(seconds_each) * factor, "scaled", f"scaled from {other} (n={len(seconds_each)}){times}")


def _formula(job: Job, shape: ModelShape, steps: int, hardware: Accelerator) -> float:
    """``cost_estimate``'s for one campaign; lengths of prompts and completions are those of its own table."""
    settings = json.loads(job.told["settings"])
    sharding, engine = settings["sharding"] or {}, settings["vllm"] or {}
    work = Workload(
        prompts_per_step=settings["prompts_per_step"],
        group_size=settings["group_size"],
        prompt_tokens=PAPER.prompt_tokens,
        completion_tokens=min(PAPER.completion_tokens, settings["max_completion_tokens"]),
        completion_limit=settings["max_completion_tokens"],
        steps=steps,
        tokens_per_batch=sharding.get("tokens_per_batch", PAPER.tokens_per_batch),
        state_every=sharding.get("state_every", 0),
    )
    place = Placement(hardware, job.gpus, engine.get("tensor_parallel_size", 1))
    return seconds(shape, work, place, Assumptions()).campaign(steps)
