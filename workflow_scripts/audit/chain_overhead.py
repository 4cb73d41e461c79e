"""What a campaign's wall time is made of beside training: pure functions of when its jobs ran and how long they took.

A campaign begins when the one before it ended, so that the campaigns of a chain add up to the chain's wall time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from statistics import mean, median

from workflow_scripts.audit.job_records import JobRecord, Span, seconds_outside

# What of timing.json is training; the rest of a campaign's seconds goes into states, checkpoints and records.
TRAINING = ("sampling", "grading", "probe", "update", "synchronisation")
# SLURM's logs tell the time in whole seconds.
CLOCK_TOLERANCE = 1.5


@dataclass(frozen=True)
class CampaignRecords:
    """The jobs that planned and trained a campaign, their seconds as benchmarked, and timing.json."""

    plan: JobRecord
    train: JobRecord
    plan_seconds: float
    train_seconds: float
    timing: Mapping[str, float]


@dataclass(frozen=True)
class Parts:
    """Seconds of wall time.

    ``waiting``: nothing of the chain ran. ``planning``: the job of the plan. ``start``: of an allocation, a process and
    what it loads, and its end. ``checkpoints``: states, checkpoints and records. ``rest``: between a job's own seconds
    and those from its start to its end as Snakemake has them.
    """

    training: float
    waiting: float
    planning: float
    start: float
    checkpoints: float
    rest: float

    @property
    def wall(self) -> float:
        return sum(astuple(self))

    @property
    def overhead(self) -> float:
        """All but training."""
        return self.wall - self.training

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    def record(self) -> dict[str, float]:
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"wall": self.wall, "overhead": self.overhead, **own}


def contradiction(records: CampaignRecords, ready: float) -> str | None:
    """Why these records cannot be taken apart: they are of more than one run of a job; None where they can.

    ``ready``: when the campaign before ended.
    """
    trained, campaign = trained_seconds(records.timing), records.timing["campaign"]
    if trained > campaign:
        return f"has {trained:.1f} s of training in {campaign:.1f} s: it was interrupted and went on"
    if records.train_seconds < campaign - CLOCK_TOLERANCE:
        return f"took {campaign:.1f} s, the last job that made it {records.train_seconds:.1f} s: another one trained it"
    if records.plan.start < ready - CLOCK_TOLERANCE:
        return "was planned before the campaign before it, as recorded last, had ended"
    if records.train.start < records.plan.end - CLOCK_TOLERANCE:
        return "was trained before its plan, as recorded last, was made"
    return None


def trained_seconds(timing: Mapping[str, float]) -> float:
    """Inside training, of timing.json."""
    return sum(timing.get(name, 0.0) for name in TRAINING)


def campaign_parts(records: CampaignRecords, ready: float, runs: Sequence[Span]) -> Parts:
    """``ready``: when the campaign before ended. ``runs``: when Snakemake was at work; waiting is counted in them only.

    The parts add up to the seconds from ``ready`` to the end of training, less those in which Snakemake did not run.
    """
    waiting, start, rest = 0.0, 0.0, 0.0
    for job, seconds in ((records.plan, records.plan_seconds), (records.train, records.train_seconds)):
        began = max(ready, job.start)
        allocated = min(max(ready, job.allocated), began)
        waiting += allocated - ready - seconds_outside((ready, allocated), runs)
        start += began - allocated
        rest += job.end - began - seconds
        ready = job.end
    trained, campaign = trained_seconds(records.timing), records.timing["campaign"]
    return Parts(
        training=trained,
        waiting=waiting,
        planning=records.plan_seconds,
        start=start + records.train_seconds - campaign,
        checkpoints=campaign - trained,
        rest=rest,
    )


def averages(parts: Sequence[Parts]) -> dict[str, dict[str, float]]:
    """Mean and median of each part over campaigns; at least one."""
    columns = [one.record() for one in parts]
    return {
        name: {column: function([one[column] for one in columns]) for column in columns[0]}
        for name, function in (("mean", mean), ("median", median))
    }
