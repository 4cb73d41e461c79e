# Which jobs of a chain share an allocation on a cluster, and what an allocation that starts again leaves out.
# Functions for `group:`; local runs know no groups. In a cluster job, removes records of campaigns that it is to make anew.

import os

from snakemake.target_jobs import parse_target_jobs_cli_args


def allocation(wildcards):
    """The group of a campaign's plan and training: ``cluster.campaigns_per_job`` campaigns of one chain, in order.

    The first campaign, which controllers share, is a group of its own, and so is each one of a controller that decides
    by capabilities: their evaluation is not work for the allocation of a whole training job.
    """
    chain, seed = wildcards.chain, wildcards.seed
    controller = wildcards.get("controller", "first")
    if controller == "first":
        return f"{chain}-first-s{seed}"
    size = 1 if decides_by_capabilities(controller) else CLUSTER["campaigns_per_job"]
    block = (int(wildcards.campaign) - 1) // size if size else 0
    return f"{chain}-{controller}-s{seed}-part{block + 1}"


def targeted_folder(target):
    """The campaign's folder that a job plans or trains; None where it does something else."""
    own = target.wildcards_dict
    if not {"chain", "seed"} <= own.keys():
        return None
    controller, campaign = own.get("controller", "first"), own.get("campaign", 1)
    return Path(campaign_folder(own["chain"], controller, own["seed"], int(campaign)))


def records_of(folder):
    """What is written last of a campaign: its trace by the trainer, then the benchmark by Snakemake."""
    own = folder.relative_to(f"results/{TESTBED}")
    return folder / "trace.json", Path(f"results/{TESTBED}/benchmarks/{own}.tsv")


def is_finished(folder):
    return all(record.exists() for record in records_of(folder))


def option(words, name):
    """Where the values of a command line's option begin and end."""
    first = words.index(name) + 1
    behind = (at for at in range(first, len(words)) if words[at].startswith("--"))
    return first, next(behind, len(words))


def prepare_allocation(words):
    """The command line of a job without the campaigns that an earlier start of its allocation has finished.

    SLURM starts a preempted job again, and Snakemake one that failed, with everything that it was to make; Snakemake
    would remove and train again what is there. So an allocation first removes the records of its campaigns, which are
    stale; from then on they say that a campaign is done.
    """
    first, behind = option(words, "--target-jobs")
    targets = parse_target_jobs_cli_args(words[first:behind])
    folders = [targeted_folder(target) for target in targets]
    attempt = words[option(words, "--attempt")[0]]
    if attempt == "1" and "SLURM_RESTART_COUNT" not in os.environ:
        for folder in filter(None, folders):
            for record in records_of(folder):
                record.unlink(missing_ok=True)
        return words
    left = [
        word
        for word, folder in zip(words[first:behind], folders)
        if folder is None or not is_finished(folder)
    ]
    # With nothing left, one plan, which costs nothing: without a target Snakemake would make all.
    left = left or [
        next(word for word in words[first:behind] if word.startswith("plan_"))
    ]
    return [*words[:first], *left, *words[behind:]]


# Snakemake has read its command line when it comes here, so that another one takes a new start of the same process.
if workflow.remote_exec and "slurm-jobstep" in sys.argv:
    remaining = prepare_allocation(sys.argv[1:])
    if remaining != sys.argv[1:]:
        os.execv(sys.executable, [sys.executable, "-m", "snakemake", *remaining])
