"""A chain through a real SLURM: right results whatever happens to jobs, nodes and Snakemake on the way."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cluster import cluster
from tests.cluster.configuration import CPUS, GPUS, PREEMPTING_PARTITION
from tests.cluster.jobs import COMMAND, finish, jobs, running, start, wait_for
from tests.workflow.project import edit_config, environment, traces
from tests.workflow.test_plan import plan

# The checkout, Snakemake at work in it, and the inode of a trace that is there to stay.
UnderWay = tuple[Path, subprocess.Popen[bytes], int]
CHAIN = "results/tiny/chains/7B-reinforce-py-3"


@pytest.fixture
def under_way(checkout: Path) -> Iterator[UnderWay]:
    """A run on the cluster in which chain A0 has finished campaign 2 and trains campaign 3, and campaign 2's inode."""
    process = start(checkout)
    done, next_one = checkout / CHAIN / "A0/s7/c02/trace.json", checkout / CHAIN / "A0/s7/c03/resume.safetensors"
    try:
        wait_for("campaign 3 to train", lambda: done.exists() and next_one.exists(), seconds=300)
        yield checkout, process, done.stat().st_ino
    finally:
        process.kill()
        process.wait()
        left = [str(job.number) for job in jobs(checkout) if job.state in ("RUNNING", "PENDING")]
        if left:
            subprocess.run(["scancel", *left], check=True)


def assert_right(project: Path, expected: Path, inode: int) -> None:
    """The local run's traces, and campaign 2 of A0 not trained a second time."""
    assert traces(project) == traces(expected)
    assert (project / CHAIN / "A0/s7/c02/trace.json").stat().st_ino == inode


def test_the_command_as_written_gives_the_local_traces_one_allocation_a_chain(
    checkout: Path, computed_locally: Path
) -> None:
    # What jobs of these kinds took where there is no cluster is all that the plan has.
    shutil.copytree(computed_locally / "results/tiny/benchmarks", checkout / "results/tiny/benchmarks")
    planned = plan(checkout, "--profile", "slurm", "--config", "testbed=tiny")
    began = time.monotonic()
    result = subprocess.run(COMMAND, cwd=checkout, env=environment(), capture_output=True, text=True, timeout=300)
    took = time.monotonic() - began
    assert result.returncode == 0, result.stdout + result.stderr
    print(f"planned {planned['jobs']} jobs, {planned['wall_seconds']:.1f} s; took {took:.1f} s")
    assert f"{planned['jobs']} of {planned['jobs']} steps (100%) done" in result.stderr
    assert traces(checkout) == traces(computed_locally)
    assert (checkout / "figures/fig3.pdf").read_bytes() == (computed_locally / "figures/fig3.pdf").read_bytes()
    submitted = jobs(checkout)
    assert len(submitted) == 3  # the shared first campaign, and a chain of two for each controller
    for job in submitted:
        assert job.trains
        assert "plan_" in job.comment, "a chain's plans are made in its allocation"
        assert job.devices.startswith("gpu:")
        assert job.state == "COMPLETED"
        # What SLURM itself says of a job lies beside what its jobs say.
        assert len([*(checkout / "results/tiny/logs/slurm").rglob(f"{job.number}.log")]) == 1
    assert_overhead_is_known(checkout)


def assert_overhead_is_known(project: Path) -> None:
    """Of an allocation's jobs Snakemake keeps no times; SLURM's logs have them."""
    command = [sys.executable, "-m", "workflow_scripts.audit.report_overhead", "--wave", "W4", "--json"]
    told = subprocess.run(command, cwd=project, env=environment(), capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["sources"] == {"SLURM's logs": 5}
    assert len(report["chains"]) == 2
    for chain in report["chains"]:
        assert chain["overhead"] > chain["training"] > 0
        # What is rounded to seconds: when two jobs of each campaign began and ended.
        assert abs(chain["rest"]) <= 2 * chain["campaigns"]


def test_a_chain_can_be_split_for_queues_with_short_limits(checkout: Path, computed_locally: Path) -> None:
    declared = yaml.safe_load((checkout / "config.yaml").read_text())["cluster"]
    edit_config(checkout, cluster={**declared, "campaigns_per_job": 1})
    finish(checkout, start(checkout))
    assert traces(checkout) == traces(computed_locally)
    assert len(jobs(checkout)) == 5


def test_a_cancelled_chain_goes_on_where_it_was(under_way: UnderWay, computed_locally: Path) -> None:
    project, process, inode = under_way
    subprocess.run(["scancel", str(running(project, "A0").number)], check=True)
    finish(project, process)
    assert_right(project, computed_locally, inode)
    assert sorted(job.state for job in jobs(project) if "A0" in job.comment) == ["CANCELLED", "COMPLETED"]


def test_a_preempted_chain_is_requeued_and_goes_on(under_way: UnderWay, computed_locally: Path) -> None:
    project, process, inode = under_way
    request = [f"--partition={PREEMPTING_PARTITION}", f"--gpus={GPUS}", f"--cpus-per-task={CPUS // 2}", "--mem=100"]
    subprocess.run(["sbatch", *request, "--output=/dev/null", "--wrap=sleep 3"], check=True, capture_output=True)
    finish(project, process)
    assert_right(project, computed_locally, inode)
    assert next(job for job in jobs(project) if "A0" in job.comment).restarts == 1


def test_a_node_whose_daemon_dies_and_comes_back_loses_nothing(under_way: UnderWay, computed_locally: Path) -> None:
    project, process, inode = under_way
    cluster.kill("slurmd")
    cluster.start("slurmd")
    finish(project, process)
    assert_right(project, computed_locally, inode)


def test_an_interrupted_run_cancels_its_jobs_and_goes_on_when_repeated(
    under_way: UnderWay, computed_locally: Path
) -> None:
    project, process, inode = under_way
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    wait_for("the jobs to be cancelled", lambda: not any(job.state == "RUNNING" for job in jobs(project)))
    finish(project, start(project))
    assert_right(project, computed_locally, inode)


def test_a_killed_run_leaves_orphans_that_the_next_one_cancels(under_way: UnderWay, computed_locally: Path) -> None:
    project, process, inode = under_way
    process.kill()
    process.wait()
    # Otherwise they might end by themselves while the next run starts.
    orphans = [job.number for job in jobs(project) if job.state == "RUNNING"]
    subprocess.run(["scontrol", "suspend", ",".join(map(str, orphans))], check=True)
    finish(project, start(project))
    assert orphans
    assert {job.state for job in jobs(project) if job.number in orphans} == {"CANCELLED"}
    assert_right(project, computed_locally, inode)
