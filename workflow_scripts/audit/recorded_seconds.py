"""Seconds of jobs that ran here, by class: from Snakemake's benchmark files, else from a campaign's timing.json.

A benchmark's ``s`` is the job's whole wall time. Its processor time and memory leave out what jobs that start warm do
in a process of their own, and are not read.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from workflow_scripts.audit.job_classes import TRAINING, JobClass, class_of, classes_by_path
from workflow_scripts.audit.snakemake_jobs import Job
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.summarise_timing import training_seconds

Recorded = Mapping[JobClass, tuple[float, ...]]


def recorded_seconds(jobs: Iterable[Job], results: Path) -> Recorded:
    """Of every job of these rules that left a record below ``results`` (``results/{testbed}``)."""
    jobs = list(jobs)
    found: defaultdict[JobClass, list[float]] = defaultdict(list)
    for path, own in classes_by_path(jobs, results / "benchmarks").items():
        if (seconds := _benchmark(Path(path))) is not None:
            found[own].append(seconds)
    if any(class_of(job.rule, job.wildcards).family == TRAINING for job in jobs):
        for timing in results.glob("chains/*/*/s*/c*/timing.json"):
            *_, chain, owner, seed, campaign, _ = timing.parts
            if not (results / "benchmarks/chains" / chain / owner / seed / f"{campaign}.tsv").exists():
                found[class_of("train_campaign", {"chain": chain})].append(training_seconds(timing))
    return {own: tuple(seconds) for own, seconds in found.items()}


def _benchmark(path: Path) -> float | None:
    """The mean of a benchmark file's rows; None where Snakemake could not measure."""
    with suppress(OSError, KeyError, ValueError, UserError), path.open(encoding="utf-8") as file:
        seconds = [float(row["s"]) for row in csv.DictReader(file, delimiter="\t")]
        return sum(seconds) / len(seconds) if seconds else None
    return None
