"""Which jobs of a chain share an allocation on a cluster, and what an allocation that starts again leaves out.

SLURM starts a preempted job again, and Snakemake one that failed, with everything that it was to make; Snakemake would
remove and train again what is there. So an allocation first removes the records of its campaigns, which are stale; from
then on they say that a campaign is done.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from snakemake.target_jobs import parse_target_jobs_cli_args

from workflow_scripts.core.campaign_folders import SHARED
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.study import Study, Wildcards


class Allocations:
    """The allocations of a study's chains."""

    def __init__(self, study: Study, evaluations: Evaluations) -> None:
        self._study, self._evaluations = study, evaluations

    def group(self, wildcards: Wildcards) -> str:
        """The group of a campaign's plan and training: ``cluster.campaigns_per_job`` campaigns of a chain, in order.

        The first campaign, which controllers share, is a group of its own, and so is each one of a controller that
        decides by capabilities: their evaluation is not work for the allocation of a whole training job.
        """
        own = f"{wildcards.chain}-{wildcards.owner}-s{wildcards.seed}"
        if wildcards.owner == SHARED:
            return own
        per_job: int = self._study.config["cluster"]["campaigns_per_job"]
        size = 1 if self._evaluations.decide(wildcards.owner) else per_job
        block = (int(wildcards.campaign) - 1) // size if size else 0
        return f"{own}-part{block + 1}"

    def remaining(self, words: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """The command line of a cluster job without the campaigns that an earlier start of it has finished.

        ``words`` are Snakemake's own arguments in that job, ``environment`` its variables. A first start removes the
        records of the campaigns that it is to make.
        """
        first, behind = _option(words, "--target-jobs")
        targets = parse_target_jobs_cli_args(words[first:behind])
        records = [self._records(target.wildcards_dict) for target in targets]
        if words[_option(words, "--attempt")[0]] == "1" and "SLURM_RESTART_COUNT" not in environment:
            for path in (path for own in records for path in own):
                path.unlink(missing_ok=True)
            return list(words)
        named = zip(words[first:behind], records, strict=True)
        left = [word for word, own in named if not own or not all(path.exists() for path in own)]
        # With nothing left, one plan, which costs nothing: without a target Snakemake would make all.
        left = left or [next(word for word in words[first:behind] if word.startswith("plan_"))]
        return [*words[:first], *left, *words[behind:]]

    def _records(self, wildcards: Mapping[str, str]) -> list[Path]:
        """What is written last of the campaign that a job plans or trains: its trace, then Snakemake's benchmark.

        Nothing where the job does something else.
        """
        if not {"chain", "owner", "seed", "campaign"} <= wildcards.keys():
            return []
        campaign = int(wildcards["campaign"])
        folder = self._study.campaign_folder(wildcards["chain"], wildcards["owner"], wildcards["seed"], campaign)
        own = folder.removeprefix(f"{self._study.results}/")
        return [Path(folder, "trace.json"), Path(self._study.results, "benchmarks", f"{own}.tsv")]


def _option(words: Sequence[str], name: str) -> tuple[int, int]:
    """Where the values of a command line's option begin and end."""
    first = words.index(name) + 1
    behind = (at for at in range(first, len(words)) if words[at].startswith("--"))
    return first, next(behind, len(words))
