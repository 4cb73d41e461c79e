"""Which chains are done and how long the rest may take, from made-up jobs and a clock that is told."""

import pytest

from workflow_scripts.console.run_progress import PlannedJob, PlannedRun, RunProgress

CHAIN = "7B-reinforce-py-20 A3 s7"


def campaign(number: int, seconds: float = 10.0, chain: str = CHAIN) -> PlannedJob:
    return PlannedJob("train_campaign", f"{chain} c{number:02d}", seconds, chain, number, f"c{number:02d}/trace.json")


def run_of(cores: int | None = 2, wall_seconds: float | None = 60.0, **others: PlannedJob) -> PlannedRun:
    """A plan and a campaign twice, then a figure; ``others`` by the numbers of their jobs, ``_9``."""
    jobs = {
        1: PlannedJob("plan_campaign", f"{CHAIN} c02", 0.0, CHAIN),
        2: campaign(2),
        3: PlannedJob("plan_campaign", f"{CHAIN} c03", 0.0, CHAIN),
        4: campaign(3, seconds=30.0),
        5: PlannedJob("fig3", "fig3", 10.0),
    }
    jobs |= {int(name[1:]): job for name, job in others.items()}
    return PlannedRun(jobs, cores, wall_seconds, ("figures/fig3.pdf",))


def test_a_chain_is_done_with_its_last_job_and_not_before() -> None:
    progress = RunProgress(run_of(_9=campaign(1, chain="another")), began=0.0)
    told = []
    for number, begin, end in ((1, 100.0, 101.0), (2, 101.0, 111.0), (3, 111.0, 112.0), (4, 112.0, 142.0)):
        progress.begin(number, begin)
        told.append(progress.finish(number, end)[1])
    assert told[:3] == [None, None, None]
    done = told[3]
    assert done is not None
    assert (done.chain, done.campaigns, done.last_trace) == (CHAIN, (2, 3), "c03/trace.json")
    assert (done.number, done.total, done.seconds) == (1, 2, 41.0)
    assert progress.campaigns_done == 2
    assert not progress.is_complete


def test_a_job_that_is_told_twice_ends_its_chain_once() -> None:
    progress = RunProgress(run_of(), began=0.0)
    told = [progress.finish(number, 1.0)[1] for number in (1, 2, 3, 4, 4)]
    assert [chain is not None for chain in told] == [False, False, False, True, False]


def test_a_failed_job_that_begins_again_has_not_failed() -> None:
    progress = RunProgress(run_of(), began=0.0)
    progress.begin(2, 0.0)
    progress.fail(2)
    assert (progress.failed, progress.names_running()) == ({2}, [])
    progress.begin(2, 5.0)
    assert (progress.failed, progress.names_running()) == (set(), [f"{CHAIN} c02"])


def test_jobs_that_were_not_planned_change_nothing() -> None:
    progress = RunProgress(run_of(), began=0.0)
    progress.begin(77, 0.0)
    assert progress.finish(77, 1.0)[1] is None
    assert progress.part_done(1.0) == 0.0


@pytest.mark.parametrize(
    ("cores", "part"),
    [(2, (10 + 5) / 50), (None, 10 / 50)],  # on a cluster a job that was handed over may still wait
)
def test_what_runs_here_counts_by_its_time(cores: int | None, part: float) -> None:
    progress = RunProgress(run_of(cores=cores), began=0.0)
    progress.begin(2, 0.0)
    progress.finish(2, 10.0)
    progress.begin(4, 10.0)
    assert progress.part_done(15.0) == pytest.approx(part)


def test_what_runs_longer_than_estimated_counts_no_more_than_that() -> None:
    progress = RunProgress(run_of(), began=0.0)
    progress.begin(2, 0.0)
    assert progress.part_done(1e6) == pytest.approx(10 / 50)


def test_time_left_is_the_estimate_at_first_and_this_runs_pace_later() -> None:
    progress = RunProgress(run_of(wall_seconds=60.0), began=0.0)
    assert progress.seconds_left(0.0) == 60.0
    progress.begin(2, 0.0)
    # A tenth of the work in 5 s, at a pace of 50 s in all: half of the weight is the pace's.
    assert progress.seconds_left(5.0) == pytest.approx((50 + 60) / 2 - 5)
    progress.finish(2, 40.0)
    assert progress.seconds_left(40.0) == pytest.approx(40 / 0.2 - 40)


def test_on_a_cluster_nothing_is_known_before_a_job_is_done() -> None:
    progress = RunProgress(run_of(cores=None, wall_seconds=None), began=0.0)
    progress.begin(2, 0.0)
    assert progress.seconds_left(30.0) is None
    progress.finish(2, 40.0)
    assert progress.seconds_left(40.0) == pytest.approx(160.0)
