"""The jobs of a target as Snakemake itself plans them: a dry run in this process, heard through a logger plugin.

``--debug-dag`` names every job that Snakemake selects, and a dry run then names those that it would run; both are
events of its logger plugins' interface. What is here are the jobs' own attributes: nothing is counted a second time.
"""

import contextlib
import io
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from snakemake.cli import args_to_api, parse_args
from snakemake.io import is_flagged
from snakemake.utils import available_cpu_count
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

from workflow_scripts.core.errors import UserError

PLUGIN = "plan"
# Parameters that say what a training job trains, and how.
_TOLD = ("model_name", "settings", "model", "pretraining", "origin")


@dataclass(frozen=True)
class Output:
    """A file or folder; a temporary one goes once every job that reads it is done."""

    path: str
    temporary: bool


@dataclass(frozen=True)
class Job:
    """A node of Snakemake's graph. ``template``: its rule's benchmark file with the wildcards' names.

    ``unit``: the group that it is submitted with, or its own id. ``done``: Snakemake would not run it.
    """

    id: int
    rule: str
    wildcards: Mapping[str, str]
    threads: int
    gpus: int
    local: bool
    unit: str
    inputs: tuple[str, ...]
    outputs: tuple[Output, ...]
    benchmark: str | None
    template: str | None
    told: Mapping[str, Any]
    done: bool


@dataclass(frozen=True)
class Parallelism:
    """``cores`` for jobs on this machine; ``submissions``: jobs at a time that another one runs, None: none is.

    ``start_seconds``: of Snakemake where a submission begins, and again before each of its jobs. ``notice_seconds``:
    from the end of a submission until it is known here.
    """

    cores: int
    submissions: int | None
    start_seconds: float = 0.0
    notice_seconds: float = 0.0


@dataclass(frozen=True)
class Workload:
    """All jobs of a target, and the seconds that Snakemake took to plan them."""

    jobs: tuple[Job, ...]
    parallelism: Parallelism
    planning_seconds: float


class LogHandler(LogHandlerBase):
    """Keeps the jobs that Snakemake selects, those that it would run, and its errors."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = False
    needs_rulegraph = False
    # Snakemake makes the handler itself; one dry run at a time.
    selected: ClassVar[dict[int, Any]] = {}
    planned: ClassVar[set[int]] = set()
    groups: ClassVar[dict[int, str]] = {}
    errors: ClassVar[list[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        event, told = getattr(record, "event", None), vars(record)
        if event == LogEvent.DEBUG_DAG and told.get("status") == "selected":
            self.selected[id(told["job"])] = told["job"]
        elif event == LogEvent.JOB_INFO:
            self.planned.add(told["jobid"])
        elif event == LogEvent.GROUP_INFO:
            members = [job.jobid for job in told["jobs"]]
            # Groups of one name that are not connected are submitted each for itself.
            self.groups.update(dict.fromkeys(members, f"{told['group_id']} of job {min(members)}"))
        elif record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage())


def plan_jobs(target: str, options: Sequence[str]) -> Workload:
    """A dry run of ``snakemake target`` with these further options; raises UserError with Snakemake's own words."""
    registry = LoggerPluginRegistry()
    registry.register_plugin(registry.module_prefix + PLUGIN, sys.modules[__name__])
    for kept in (LogHandler.selected, LogHandler.planned, LogHandler.groups, LogHandler.errors):
        kept.clear()
    words = [target, *options, "--dry-run", "--debug-dag", "--nocolor", "--logger", PLUGIN]
    began = time.monotonic()
    unheard = io.StringIO()
    try:
        with contextlib.redirect_stdout(unheard), contextlib.redirect_stderr(unheard):
            parser, arguments = parse_args(words)
            succeeded = args_to_api(arguments, parser)
    except SystemExit:
        succeeded = False
    if not succeeded:
        reason = " ".join([*LogHandler.errors, *([] if LogHandler.errors else [unheard.getvalue().strip()])])
        raise UserError(f"snakemake --dry-run {' '.join([target, *options])}: {reason}")
    remote = arguments.executor not in (None, "local")
    jobs = sorted((described(job, remote) for job in LogHandler.selected.values()), key=lambda job: job.id)
    planning = time.monotonic() - began
    parallelism = Parallelism(
        cores=int((arguments.local_cores if remote else arguments.cores) or available_cpu_count()),
        submissions=int(arguments.jobs) if remote else None,
        # What starts there reads the same workflow as was read here.
        start_seconds=planning if remote else 0.0,
        notice_seconds=float(arguments.seconds_between_status_checks) / 2 if remote else 0.0,
    )
    return Workload(tuple(jobs), parallelism, planning)


def requested_gpus(resources: Mapping[str, Any]) -> int:
    """Of one job: ``gpu: 8``, or ``gres: gpu:8`` or ``gpu:h100:8``, as SLURM's --gres spells it."""
    last = str(resources.get("gres") or "").rpartition(":")[2]
    return int(resources.get("gpu") or (last if last.isdigit() else 0))


def described(job: Any, remote: bool) -> Job:
    """One of Snakemake's jobs, as far as an estimate needs it; ``remote``: whether a run would submit jobs."""
    resources, rule = job.resources, job.rule
    # A dry run itself is local, so what it says of single jobs is not what a run would do; and only runs that submit
    # jobs form groups.
    stays = rule.group is None and (rule.norun or rule.name in rule.workflow._localrules)
    return Job(
        id=job.jobid,
        rule=rule.name,
        wildcards=dict(job.wildcards_dict),
        threads=int(job.threads),
        gpus=requested_gpus(resources),
        local=not remote or stays,
        unit=LogHandler.groups.get(job.jobid, str(job.jobid)) if remote else str(job.jobid),
        inputs=tuple(map(str, job.input)),
        outputs=tuple(Output(str(path), is_flagged(path, "temp")) for path in job.output),
        benchmark=str(job.benchmark) if job.benchmark else None,
        template=str(rule.benchmark) if rule.benchmark else None,
        told={name: job.params.get(name) for name in _TOLD if job.params.get(name) is not None},
        done=job.jobid not in LogHandler.planned,
    )
