"""What a target costs: jobs, processor and GPU hours, wall time and disk, from what is known of Snakemake's jobs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workflow_scripts.audit.disk_use import DiskUse, Slot, disk_use, output_sizes
from workflow_scripts.audit.job_seconds import Duration, duration
from workflow_scripts.audit.recorded_seconds import Recorded
from workflow_scripts.audit.schedule import Span, critical_path, form_units, job_dependencies, schedule
from workflow_scripts.audit.snakemake_jobs import Job, Parallelism, Workload
from workflow_scripts.cost.hardware import Accelerator


@dataclass(frozen=True)
class Row:
    """Jobs of one rule whose time is known in the same way; ``done`` counts all of the rule, in its first row."""

    rule: str
    to_do: int
    done: int
    seconds: float
    kind: str
    source: str


@dataclass(frozen=True)
class Estimate:
    """Of the jobs that Snakemake would run; hours are those that are asked for, seconds a wall clock's."""

    rows: tuple[Row, ...]
    campaigns: int
    campaigns_done: int
    processor_hours: float
    gpu_hours: float
    wall_seconds: float
    critical_path_seconds: float
    planning_seconds: float
    parallelism: Parallelism
    disk: DiskUse

    @property
    def jobs(self) -> int:
        return sum(row.to_do for row in self.rows)

    def record(self) -> dict[str, Any]:
        """For machines; every number in the unit that its name says, disk in bytes."""
        return asdict(self) | {"jobs": self.jobs, "rows": [asdict(row) for row in self.rows]}


def estimate(workload: Workload, recorded: Recorded, sizes: Mapping[Slot, float], hardware: Accelerator) -> Estimate:
    """``recorded`` and ``sizes``: seconds and bytes of jobs that ran; ``hardware``: of the formula for GPUs.

    Snakemake's own start is as long as its planning was, here and, on a cluster, for each submission and job. The wait
    in a cluster's queue is not known and not counted.
    """
    jobs = [job for job in workload.jobs if not job.done]
    durations = {job.id: duration(job, recorded, hardware) for job in jobs}
    seconds = {number: own.seconds for number, own in durations.items()}
    needs = job_dependencies(jobs)
    spans = schedule(jobs, seconds, workload.parallelism)
    units = form_units(jobs, needs, seconds, workload.parallelism.start_seconds)
    campaigns = Counter(job.done for job in workload.jobs if is_campaign(job))
    return Estimate(
        rows=_rows(workload.jobs, durations),
        campaigns=campaigns[False],
        campaigns_done=campaigns[True],
        processor_hours=sum(_threads(job, workload.parallelism) * seconds[job.id] for job in jobs) / 3600,
        gpu_hours=sum(unit.gpus * unit.seconds for unit in units.values()) / 3600,
        wall_seconds=_end(spans) + (workload.planning_seconds if jobs else 0.0),
        critical_path_seconds=critical_path(needs, seconds),
        planning_seconds=workload.planning_seconds,
        parallelism=workload.parallelism,
        disk=disk_use(jobs, spans, output_sizes(jobs, sizes)),
    )


def is_campaign(job: Job) -> bool:
    return job.rule.startswith("train_")


def _threads(job: Job, parallelism: Parallelism) -> int:
    return min(job.threads, parallelism.cores) if job.local else job.threads


def _end(spans: Mapping[int, Span]) -> float:
    return max((end for _, end in spans.values()), default=0.0)


def _rows(jobs: tuple[Job, ...], durations: Mapping[int, Duration]) -> tuple[Row, ...]:
    """Rules in the order in which their first results are needed last: the graph's roots come first."""
    done = Counter(job.rule for job in jobs if job.done)
    counted = Counter((job.rule, durations[job.id]) for job in jobs if not job.done)
    rows = []
    for rule in dict.fromkeys(job.rule for job in sorted(jobs, key=lambda job: -job.id)):
        own = [(known, count) for (name, known), count in counted.items() if name == rule]
        before = done[rule]
        for known, count in own or [(Duration(0.0, "done", "done"), 0)]:
            rows.append(Row(rule, count, before, known.seconds, known.kind, known.source))
            before = 0
    return tuple(rows)
