"""From Snakemake's jobs to chains and seconds."""

from pathlib import Path

from tests.audit.made_up_jobs import campaign, job
from workflow_scripts.console.planned_run import planned_run
from workflow_scripts.cost.hardware import accelerator

CHAIN = "7B-reinforce-py-20"
TOLD = {"testbed": "tiny", "chain": CHAIN, "owner": "A3", "seed": "7"}


def test_plans_and_campaigns_belong_to_their_chain_and_figures_to_none(tmp_path: Path) -> None:
    jobs = [
        job(1, wildcards=TOLD | {"campaign": "02"}),
        campaign(2, wildcards=TOLD | {"campaign": "02"}),
        campaign(3, 2, wildcards=TOLD | {"owner": "first", "campaign": "01"}),
        job(4, "pretrain_model", wildcards={"role": "7B"}),
    ]
    run = planned_run(jobs, tmp_path, accelerator("h100"), 2, ["figures/b.pdf", "figures/a.pdf"])
    assert [planned.chain for planned in run.jobs.values()] == [f"{CHAIN} A3 s7"] * 2 + [f"{CHAIN} s7", None]
    assert [planned.name for planned in run.jobs.values()][1::2] == [f"{CHAIN} A3 s7 c02", "pretrain_model 7B"]
    assert [planned.campaign for planned in run.jobs.values()] == [None, 2, 1, None]
    assert run.jobs[2].trace == f"results/tiny/chains/{CHAIN}/A0/s7/2/trace.json"
    assert run.campaigns == 2
    assert run.targets == ("figures/a.pdf", "figures/b.pdf")
    assert run.wall_seconds is not None
    assert run.wall_seconds >= run.jobs[2].seconds + run.jobs[3].seconds


def test_nobody_knows_a_clusters_queue(tmp_path: Path) -> None:
    run = planned_run([campaign(2, wildcards=TOLD | {"campaign": "02"})], tmp_path, accelerator("h100"), None, [])
    assert (run.cores, run.wall_seconds) == (None, None)
