"""The plan in words and for machines, from made-up jobs; tests/workflow/test_plan.py holds it against a real run."""

import json

import pytest

from tests.audit.made_up_jobs import CHAIN, campaign, gpu_campaign, job
from workflow_scripts.audit.job_classes import class_of
from workflow_scripts.audit.plan_run import (
    bytes_in_words,
    formula_hardware,
    headline,
    in_words,
    parse_arguments,
    snakemake_options,
    time_in_words,
)
from workflow_scripts.audit.run_estimate import Estimate, estimate
from workflow_scripts.audit.snakemake_jobs import Job, Parallelism, Workload
from workflow_scripts.cost.hardware import accelerator

RECORDED = {class_of("train_campaign", {"chain": CHAIN}): (90.0, 110.0)}
CHAINS = (campaign(1, done=True), campaign(2, 1), campaign(3, 2), campaign(4), campaign(5, 4), job(6, "fig3"))


def planned(jobs: tuple[Job, ...], parallelism: Parallelism) -> Estimate:
    return estimate(Workload(jobs, parallelism, 5.0), RECORDED, {}, accelerator("H100"))


def test_jobs_hours_and_wall_time() -> None:
    """Two campaigns of each chain are left; beside them a figure, of assumed seconds, and Snakemake's start."""
    cost = planned(CHAINS, Parallelism(2, None))
    assert (cost.campaigns, cost.campaigns_done, cost.jobs) == (4, 1, 5)
    assert cost.processor_hours == pytest.approx(402 / 3600)
    assert cost.gpu_hours == 0
    assert cost.critical_path_seconds == 200
    assert cost.wall_seconds == pytest.approx(5 + 202)
    rows = {(row.rule, row.to_do, row.done, row.seconds, row.kind) for row in cost.rows}
    assert rows == {("train_campaign", 4, 1, 100.0, "measured"), ("fig3", 1, 0, 2.0, "assumed")}


def test_gpu_hours_are_those_of_the_allocation() -> None:
    """A plan in the same group holds the GPUs, too."""
    jobs = (gpu_campaign(1, unit="chain"), job(2, inputs=(gpu_campaign(1).outputs[0].path,), unit="chain", local=False))
    cost = planned(jobs, Parallelism(1, 100))
    assert cost.gpu_hours == pytest.approx(8 * 100.3 / 3600)
    assert cost.processor_hours == pytest.approx((16 * 100 + 0.3) / 3600)
    assert "GPU-hours" in headline(cost)
    assert "100 submitted jobs at a time" in headline(cost)
    assert in_words(cost).endswith("The wait in the cluster's queue is not counted.")


def test_words_say_first_what_matters() -> None:
    first, _, *table = in_words(planned(CHAINS, Parallelism(2, None))).splitlines()
    assert first.startswith("4 campaigns, 5 jobs: 0.11 processor-hours, about 3.5 min on 2 cores, ")
    assert first.endswith("; 1 of 5 campaigns are done.")
    assert any(line.split() == ["train_campaign", "4", "1", "100.0", "measured", "(n=2)"] for line in table)


def test_nothing_to_do_is_one_line() -> None:
    cost = planned((campaign(1, done=True),), Parallelism(2, None))
    assert in_words(cost) == "Nothing to do: 1 of 1 campaigns are done."
    assert cost.wall_seconds == 0


def test_record_is_json() -> None:
    record = json.loads(json.dumps(planned(CHAINS, Parallelism(2, None)).record()))
    assert record["jobs"] == 5
    assert record["disk"]["stays"] > 0
    assert {row["kind"] for row in record["rows"]} == {"measured", "assumed"}


def test_a_profile_brings_its_own_cores() -> None:
    words = ["--target", "W4", "--profile", "slurm", "--config", "testbed=qwen", "seeds=[7]"]
    assert snakemake_options(parse_arguments(words)) == ["--profile", "slurm", "--config", "testbed=qwen", "seeds=[7]"]
    assert snakemake_options(parse_arguments(["--cores", "8"])) == ["--cores", "8"]


def test_the_formula_is_for_the_cluster_s_hardware_unless_another_is_named() -> None:
    config = {"cluster": {"hardware": "GB200"}}
    planned_for_slurm = parse_arguments(["--profile", "slurm"])
    assert formula_hardware(planned_for_slurm.hardware, config) == accelerator("GB200")
    named = parse_arguments(["--profile", "slurm", "--hardware", "H200"])
    assert formula_hardware(named.hardware, config) == accelerator("H200")


def test_units() -> None:
    assert [time_in_words(seconds) for seconds in (3, 119, 120, 7200, 400_000)] == [
        "3 s", "119 s", "2.0 min", "2.0 h", "4.6 days",
    ]  # fmt: skip
    assert [bytes_in_words(count) for count in (50e3, 122e6, 15.2e9, 3e12)] == ["50 kB", "122 MB", "15.2 GB", "3 TB"]
