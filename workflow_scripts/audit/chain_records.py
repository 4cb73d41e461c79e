"""A chain's wall time by its parts, from the records that its jobs left in a project's folder."""

from functools import cached_property
from pathlib import Path

from workflow_scripts.audit.campaign_states import ChainSeed
from workflow_scripts.audit.chain_overhead import CampaignRecords, Parts, campaign_parts, contradiction
from workflow_scripts.audit.job_records import (
    JobRecord,
    Span,
    metadata_record,
    run_spans,
    slurm_records,
    submission_times,
)
from workflow_scripts.core.campaign_folders import campaign_folder
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics.summarise_timing import benchmark_seconds

# The trainer's word, in its log, for a campaign that more than one process trained.
_WENT_ON = "the campaign goes on after step"


class Unrecorded(Exception):
    """Why a chain's wall time cannot be taken apart."""


class Recorder:
    """What Snakemake, SLURM and the trainer left in ``.snakemake`` and below ``results`` (``results/{testbed}``)."""

    def __init__(self, results: Path, snakemake_folder: Path) -> None:
        self.results = results
        self._snakemake_folder = snakemake_folder
        self._read: dict[str, CampaignRecords] = {}

    def has_begun(self, line: ChainSeed) -> bool:
        """Whether any campaign of the controller's own was planned."""
        return any(self._folder(f"chains/{line.chain}/{line.controller}/s{line.seed}").glob("c*/plan.json"))

    def chain(self, line: ChainSeed, count: int) -> dict[str, Parts]:
        """Parts of the chain's campaigns, by the name of their folder; raises Unrecorded."""
        parts: dict[str, Parts] = {}
        ready: float | None = None
        for campaign in range(1, count + 1):
            name = campaign_folder(line.chain, line.controller, line.seed, campaign)
            records = self._campaign(name)
            ready = self._submitted(name, records.plan) if ready is None else ready
            if reason := contradiction(records, ready):
                raise Unrecorded(f"{name} {reason}")
            parts[name] = campaign_parts(records, ready, self._runs)
            ready = records.train.end
        return parts

    def source(self, name: str) -> str:
        """By what the start and the end of a campaign's training are known."""
        return self._campaign(name).train.source

    def _campaign(self, name: str) -> CampaignRecords:
        if name not in self._read:
            timing, benchmarks = self._folder(f"{name}/timing.json"), self.results / "benchmarks"
            log = self._folder(f"logs/{name}.log")
            if log.exists() and _WENT_ON in log.read_text(encoding="utf-8", errors="replace"):
                raise Unrecorded(f"{name} was interrupted and went on: its seconds are of more than one process")
            try:
                planned = benchmark_seconds(benchmarks / f"{name}.plan.tsv")
                trained = benchmark_seconds(benchmarks / f"{name}.tsv")
                self._read[name] = CampaignRecords(
                    plan=self._job(f"{name}/plan.json", planned),
                    train=self._job(f"{name}/trace.json", trained),
                    plan_seconds=planned,
                    train_seconds=trained,
                    timing=read_json(timing),
                )
            except FileNotFoundError as error:
                raise Unrecorded(f"{error.filename} is missing") from None
            except UserError as error:
                raise Unrecorded(str(error)) from None
        return self._read[name]

    def _job(self, name: str, seconds: float) -> JobRecord:
        """``seconds``: of the job's own, without which metadata are of something else, such as an allocation's end."""
        path = self._folder(name)
        if not path.exists():
            raise Unrecorded(f"{path} is missing")
        record = metadata_record(self._snakemake_folder, str(path))
        if record is None or record.end - record.start < seconds / 2:
            record = self._allocations.get(str(path))
        if record is None:
            raise Unrecorded(
                f"when the job of {path} began and ended is neither in {self._snakemake_folder}/metadata"
                f" nor in {self._slurm_logs}"
            )
        return record

    def _submitted(self, name: str, plan: JobRecord) -> float:
        """When the chain began: the first campaign's submission where an allocation ran it, else its plan's start."""
        times = self._submissions.get(str(self._folder(f"{name}/plan.json")), []) if plan.allocated < plan.start else []
        return max((time for time in times if time <= plan.allocated), default=plan.allocated)

    def _folder(self, name: str) -> Path:
        return self.results / name

    @property
    def _slurm_logs(self) -> Path:
        return self.results / "logs/slurm"

    @cached_property
    def _allocations(self) -> dict[str, JobRecord]:
        return slurm_records(self._slurm_logs)

    @cached_property
    def _submissions(self) -> dict[str, list[float]]:
        return submission_times(self._snakemake_folder / "log")

    @cached_property
    def _runs(self) -> list[Span]:
        return run_spans(self._snakemake_folder / "log")
