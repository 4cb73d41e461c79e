"""How far a run is: which chains are done, what runs now, and how long the rest may take. Opens no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# From this part of the work on, the time left is by this run's own pace, and no more by the estimate it began with.
OWN_PACE = 0.2


@dataclass(frozen=True)
class PlannedJob:
    """``chain`` and ``campaign`` of what plans and trains campaigns; ``trace``: the file of one that trains."""

    rule: str
    name: str
    seconds: float
    chain: str | None = None
    campaign: int | None = None
    trace: str | None = None


@dataclass(frozen=True)
class PlannedRun:
    """The jobs by Snakemake's ids. ``cores``: None where a cluster runs them; ``wall_seconds``: an estimate."""

    jobs: Mapping[int, PlannedJob]
    cores: int | None
    wall_seconds: float | None
    targets: tuple[str, ...]

    @property
    def campaigns(self) -> int:
        return sum(job.campaign is not None for job in self.jobs.values())


@dataclass(frozen=True)
class DoneChain:
    """Campaigns of this run; ``number`` counts the chains that are done, of ``total``."""

    chain: str
    number: int
    total: int
    campaigns: tuple[int, ...]
    seconds: float
    last_trace: str | None


@dataclass
class RunProgress:
    """Told when jobs begin and end; seconds are of one clock of the caller's."""

    run: PlannedRun
    began: float
    running: dict[int, float] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    _first: dict[str, float] = field(default_factory=dict)
    _left: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, job in self.run.jobs.items():
            if job.chain is not None:
                self._left.setdefault(job.chain, set()).add(number)
        self.chains = len(self._left)

    def begin(self, number: int, now: float) -> None:
        """A job begins, or begins again."""
        if (job := self.run.jobs.get(number)) is not None:
            self.running[number] = now
            self.failed.discard(number)
            if job.chain is not None and job.campaign is not None:
                self._first.setdefault(job.chain, now)  # a plan may have to wait for the model

    def fail(self, number: int) -> None:
        """A job has failed; it may begin again."""
        self.running.pop(number, None)
        self.failed.add(number)

    def finish(self, number: int, now: float) -> tuple[float, DoneChain | None]:
        """A job has ended well: the seconds that it took, and its chain where that is done with it."""
        took = now - self.running.pop(number, now)
        self.done.add(number)
        job = self.run.jobs.get(number)
        if job is None or job.chain is None or number not in self._left.get(job.chain, ()):
            return took, None
        self._left[job.chain].discard(number)
        if self._left[job.chain]:
            return took, None
        del self._left[job.chain]
        own = [other for other in self.run.jobs.values() if other.chain == job.chain and other.campaign is not None]
        own.sort(key=lambda other: other.campaign or 0)
        chain = DoneChain(
            chain=job.chain,
            number=self.chains - len(self._left),
            total=self.chains,
            campaigns=tuple(other.campaign for other in own if other.campaign is not None),
            seconds=now - self._first.get(job.chain, now),
            last_trace=own[-1].trace if own else None,
        )
        return took, chain

    @property
    def campaigns_done(self) -> int:
        return sum(self.run.jobs[number].campaign is not None for number in self.done if number in self.run.jobs)

    @property
    def is_complete(self) -> bool:
        return self.done >= set(self.run.jobs)

    def names_running(self) -> list[str]:
        """What runs now, the longest first."""
        return [self.run.jobs[number].name for number in sorted(self.running, key=self.running.__getitem__)]

    def part_done(self, now: float) -> float:
        """Of the estimated work, between 0 and 1. What runs counts by its time, where it runs as soon as it begins."""
        total = sum(job.seconds for job in self.run.jobs.values())
        if not total:
            return 1.0 if self.is_complete else 0.0
        made = sum(self.run.jobs[number].seconds for number in self.done if number in self.run.jobs)
        if self.run.cores is not None:
            made += sum(min(now - since, self.run.jobs[number].seconds) for number, since in self.running.items())
        return min(1.0, made / total)

    def seconds_left(self, now: float) -> float | None:
        """By the estimate that the run began with, and more and more by its own pace; None where neither is known."""
        part, elapsed, estimated = self.part_done(now), now - self.began, self.run.wall_seconds
        if not part:
            return estimated
        own = elapsed / part
        weight = 1.0 if estimated is None else min(1.0, part / OWN_PACE)
        return max(0.0, weight * own + (1 - weight) * (estimated or 0.0) - elapsed)
