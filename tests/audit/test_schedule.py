"""When jobs would run: chains side by side on cores, submissions that a cluster takes at a time, groups."""

import pytest

from tests.audit.made_up_jobs import campaign, gpu_campaign
from workflow_scripts.audit.schedule import critical_path, form_units, job_dependencies, ordered, schedule
from workflow_scripts.audit.snakemake_jobs import Parallelism

CHAINS = [campaign(1), campaign(2, 1), campaign(3, 2), campaign(4), campaign(5, 4), campaign(6, 5)]
TEN_EACH = dict.fromkeys(range(1, 7), 10.0)


def last_end(jobs: list, seconds: dict[int, float], parallelism: Parallelism) -> float:
    return max(end for _, end in schedule(jobs, seconds, parallelism).values())


@pytest.mark.parametrize(("cores", "seconds"), [(1, 60.0), (2, 30.0), (16, 30.0)])
def test_chains_run_side_by_side_and_each_in_order(cores: int, seconds: float) -> None:
    assert last_end(CHAINS, TEN_EACH, Parallelism(cores, None)) == seconds


def test_a_job_waits_for_what_it_reads() -> None:
    spans = schedule(CHAINS, TEN_EACH, Parallelism(2, None))
    assert spans[2][0] >= spans[1][1]
    assert spans[6] == (20.0, 30.0)


def test_a_job_of_several_threads_takes_as_many_cores_as_there_are() -> None:
    wide = [campaign(1, threads=8), campaign(2, threads=8)]
    assert last_end(wide, {1: 10.0, 2: 10.0}, Parallelism(8, None)) == 20.0
    assert last_end(wide, {1: 10.0, 2: 10.0}, Parallelism(2, None)) == 20.0
    assert last_end(wide, {1: 10.0, 2: 10.0}, Parallelism(16, None)) == 10.0


def test_submitted_jobs_take_submissions_and_no_cores() -> None:
    jobs = [gpu_campaign(number) for number in (1, 2, 3, 4)]
    seconds = dict.fromkeys((1, 2, 3, 4), 10.0)
    assert last_end(jobs, seconds, Parallelism(cores=1, submissions=2)) == 20.0
    assert last_end(jobs, seconds, Parallelism(cores=1, submissions=100)) == 10.0


def test_a_group_is_one_submission_that_runs_its_jobs_in_order() -> None:
    jobs = [gpu_campaign(1, unit="a"), gpu_campaign(2, 1, unit="a", gpus=0), gpu_campaign(3, 2)]
    seconds = {1: 10.0, 2: 5.0, 3: 1.0}
    units = form_units(jobs, job_dependencies(jobs), seconds, 0.0)
    assert units["a"].seconds == 15.0
    assert units["a"].gpus == 8
    assert units["3"].needs == {"a"}
    assert schedule(jobs, seconds, Parallelism(1, 1)) == {1: (0.0, 10.0), 2: (10.0, 15.0), 3: (15.0, 16.0)}


def test_a_submission_starts_snakemake_for_itself_and_for_each_job_and_its_end_is_noticed_late() -> None:
    jobs = [gpu_campaign(1, unit="a"), gpu_campaign(2, 1, unit="a"), campaign(3, 2)]
    spans = schedule(jobs, {1: 10.0, 2: 5.0, 3: 1.0}, Parallelism(1, 1, start_seconds=2.0, notice_seconds=4.0))
    assert spans == {1: (4.0, 14.0), 2: (16.0, 21.0), 3: (25.0, 26.0)}


def test_the_longest_chain_of_jobs() -> None:
    needs = job_dependencies(CHAINS)
    assert critical_path(needs, TEN_EACH | {5: 25.0}) == 45.0
    assert critical_path({}, {}) == 0.0


def test_jobs_that_are_not_asked_for_are_not_waited_for() -> None:
    assert job_dependencies([campaign(3, 2)]) == {3: set()}
    order = ordered(job_dependencies(list(reversed(CHAINS))))
    assert [number for number in order if number < 4] == [1, 2, 3]
