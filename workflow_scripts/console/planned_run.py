"""What a run is going to do: its jobs, the chain that each campaign belongs to, and how long it may take."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow_scripts.audit.job_seconds import duration
from workflow_scripts.audit.recorded_seconds import recorded_seconds
from workflow_scripts.audit.run_estimate import is_campaign
from workflow_scripts.audit.schedule import schedule
from workflow_scripts.audit.snakemake_jobs import Job, Parallelism
from workflow_scripts.console.run_progress import PlannedJob, PlannedRun
from workflow_scripts.core.campaign_folders import SHARED
from workflow_scripts.cost.hardware import Accelerator


def planned_run(
    jobs: Sequence[Job], results: Path, hardware: Accelerator, cores: int | None, targets: Sequence[str]
) -> PlannedRun:
    """What ``make plan`` knows of these jobs; ``cores`` is None where a cluster runs them, whose queue nobody knows.

    ``results`` (``results/{testbed}``): where the seconds of earlier jobs are recorded.
    """
    recorded = recorded_seconds(jobs, results)
    seconds = {job.id: duration(job, recorded, hardware).seconds for job in jobs}
    spans = schedule(jobs, seconds, Parallelism(cores, None)) if cores else {}
    return PlannedRun(
        jobs={job.id: _planned(job, seconds) for job in jobs},
        cores=cores,
        wall_seconds=max((end for _, end in spans.values()), default=None),
        targets=tuple(sorted(targets)),
    )


def _planned(job: Job, seconds: Mapping[int, float]) -> PlannedJob:
    """A campaign's plan belongs to its chain as well: a chain begins with it."""
    if {"chain", "owner", "seed", "campaign"} <= set(job.wildcards):
        told = job.wildcards
        chain = f"{told['chain']} {'' if told['owner'] == SHARED else told['owner'] + ' '}s{told['seed']}"
        trace = next((output.path for output in job.outputs if output.path.endswith("/trace.json")), None)
        return PlannedJob(
            rule=job.rule,
            name=f"{chain} c{told['campaign']}",
            seconds=seconds[job.id],
            chain=chain,
            campaign=int(told["campaign"]) if is_campaign(job) else None,
            trace=trace,
        )
    parts = [job.wildcards[name] for name in ("role", "model", "file", "checkpoint", "wave") if name in job.wildcards]
    return PlannedJob(job.rule, " ".join([job.rule, *parts]), seconds[job.id])
