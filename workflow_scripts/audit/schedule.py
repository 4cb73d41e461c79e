"""When each job would run: a list scheduling of the graph on what there is to run it with.

Graham, 1969, "Bounds on multiprocessing timing anomalies": at any moment whatever is ready and fits starts, the first
in order first, as a scheduler does that does not know how long jobs take. Waiting in a cluster's queue is not in it.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow_scripts.audit.snakemake_jobs import Job, Parallelism

# Seconds from and to, of the whole run.
Span = tuple[float, float]


@dataclass(frozen=True)
class Unit:
    """What is submitted at once: a job, or a group whose jobs run each as soon as those that it needs are done."""

    jobs: tuple[int, ...]
    local: bool
    threads: int
    gpus: int
    offsets: Mapping[int, float]
    seconds: float
    needs: frozenset[str]


def job_dependencies(jobs: Iterable[Job]) -> dict[int, set[int]]:
    """The jobs that each of these waits for, of these alone, by the files that they read and write."""
    jobs = list(jobs)
    writer = {output.path: job.id for job in jobs for output in job.outputs}
    return {job.id: {writer[path] for path in job.inputs if path in writer} for job in jobs}


def ordered(needs: Mapping[int, set[int]]) -> list[int]:
    """Each job after those that it waits for."""
    left = {job: len(own) for job, own in needs.items()}
    readers: dict[int, list[int]] = {job: [] for job in needs}
    for job, own in needs.items():
        for needed in own:
            readers[needed].append(job)
    order = [job for job, count in left.items() if count == 0]
    for job in order:
        for reader in readers[job]:
            left[reader] -= 1
            if left[reader] == 0:
                order.append(reader)
    return order


def critical_path(needs: Mapping[int, set[int]], seconds: Mapping[int, float]) -> float:
    """The time of the longest chain of jobs, below which no number of machines gets."""
    return max(_ends(ordered(needs), needs, seconds).values(), default=0.0)


def schedule(jobs: Sequence[Job], seconds: Mapping[int, float], parallelism: Parallelism) -> dict[int, Span]:
    """When each of the jobs begins and ends."""
    units = form_units(jobs, job_dependencies(jobs), seconds, parallelism.start_seconds)
    waiting = {name: len(unit.needs) for name, unit in units.items()}
    readers: dict[str, list[str]] = {name: [] for name in units}
    for name, unit in units.items():
        for needed in unit.needs:
            readers[needed].append(name)
    ready = [name for name, count in waiting.items() if count == 0]
    free = {True: parallelism.cores, False: parallelism.submissions or 0}
    taken = {name: min(unit.threads, parallelism.cores) if unit.local else 1 for name, unit in units.items()}
    running: list[tuple[float, str]] = []
    begun: dict[str, float] = {}
    now = 0.0
    while ready or running:
        for name in list(ready):
            if taken[name] <= free[units[name].local]:
                free[units[name].local] -= taken[name]
                ready.remove(name)
                begun[name] = now
                noticed = 0.0 if units[name].local else parallelism.notice_seconds
                heapq.heappush(running, (now + units[name].seconds + noticed, name))
        now, ended = heapq.heappop(running)
        free[units[ended].local] += taken[ended]
        ready += _released(readers[ended], waiting)
    return {
        job: (begun[name] + unit.offsets[job], begun[name] + unit.offsets[job] + seconds[job])
        for name, unit in units.items()
        for job in unit.jobs
    }


def form_units(
    jobs: Sequence[Job], needs: Mapping[int, set[int]], seconds: Mapping[int, float], start_seconds: float
) -> dict[str, Unit]:
    """The jobs as they are submitted; a group asks for as many threads and GPUs as its largest job.

    ``start_seconds`` pass where a submission begins and before each of its jobs.
    """
    unit_of = {job.id: job.unit for job in jobs}
    members: dict[str, list[Job]] = {}
    for job in jobs:
        members.setdefault(job.unit, []).append(job)
    order = ordered(needs)
    place = {job: index for index, job in enumerate(order)}
    units = {}
    for name, own in members.items():
        inside = {job.id: {needed for needed in needs[job.id] if unit_of[needed] == name} for job in own}
        local = all(job.local for job in own)
        start = 0.0 if local else start_seconds
        lasting = {job: start + seconds[job] for job in inside}
        ends = _ends(sorted(inside, key=place.__getitem__), inside, lasting)
        units[name] = Unit(
            jobs=tuple(inside),
            local=local,
            threads=max(job.threads for job in own),
            gpus=max(job.gpus for job in own),
            offsets={job: start + end - seconds[job] for job, end in ends.items()},
            seconds=start + max(ends.values()),
            needs=frozenset(unit_of[needed] for job in own for needed in needs[job.id]) - {name},
        )
    return units


def _ends(order: Iterable[int], needs: Mapping[int, set[int]], seconds: Mapping[int, float]) -> dict[int, float]:
    """When each job ends if it begins as soon as those that it needs have ended."""
    ends: dict[int, float] = {}
    for job in order:
        ends[job] = max((ends[needed] for needed in needs[job]), default=0.0) + seconds[job]
    return ends


def _released(readers: Iterable[str], waiting: dict[str, int]) -> Iterator[str]:
    """Those that now wait for nothing more."""
    for reader in readers:
        waiting[reader] -= 1
        if waiting[reader] == 0:
            yield reader
