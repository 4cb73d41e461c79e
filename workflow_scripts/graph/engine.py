"""What is done to Snakemake itself, for want of a public setting; the engine's version is pinned (envs/cpu.lock).

Each function says what it replaces and why. tests/graph/test_engine.py fails where an upgrade takes the place away.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import snakemake.io
from snakemake_interface_storage_plugins.io import Mtime

from workflow_scripts.cost.hardware import Accelerator
from workflow_scripts.graph.file_times import level_file_times, not_in_the_future

# What training and sampling jobs on this machine are forks of: their scripts, and what these import late.
_WARM_SCRIPTS = ["workflow_scripts.training.train_campaign", "workflow_scripts.evaluation.sample_checkpoint"]
_WARM_LIBRARIES = ["pyarrow.parquet", "pandas", "jsonschema"]


def ignore_file_times_without_records(records: Path) -> None:
    """Plan as if all files were of one time where Snakemake has no records: in a clone into which results were copied.

    It then knows of no checksum, and takes every file that is newer than what was made of it for another one. Replaces
    ``IOCache.collect_mtime``, so that a dry run plans nothing there and writes nothing either.
    """
    if not _any(records):
        time = Mtime(local=0.0)

        async def equal_time(_cache: object, _file: object) -> Mtime:
            return time

        snakemake.io.IOCache.collect_mtime = equal_time


def settle_file_times(records: Path, folders: list[Path]) -> None:
    """As a run starts: the times of all results made equal where there are no records, else none in the future.

    A job would be told that its output is older than its input, which comes from a machine whose clock is ahead.
    """
    (not_in_the_future if _any(records) else level_file_times)(folders)


def _any(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def look_for_jobs_when_there_are_some(workflow: Any) -> None:
    """Drop the limit of jobs started in a second, which no option switches off.

    Each look for jobs would plan another one a second later, so that after some hundred jobs Snakemake does nothing but
    look, on a core of its own. What limits the rate are cores, and ``jobs`` on a cluster.
    """
    workflow.scheduler.job_rate_limiter = None


def planned_rules(workflow: Any) -> set[str]:
    """The names of the rules that have jobs to run."""
    return {job.rule.name for job in workflow.dag.needrun_jobs()}


def tell_what_is_planned(workflow: Any, results: Path, hardware: Accelerator) -> None:
    """Tell the logger for people (`--logger chains`) which jobs there are, where this run has that logger.

    Its records name a job when it begins; which campaigns of a chain are to come is known to the graph alone.
    """
    if not workflow.logger_manager.get_log_handlers():
        return
    from workflow_scripts.audit.snakemake_jobs import described  # of such a run alone
    from workflow_scripts.console.chain_log import LogHandler
    from workflow_scripts.console.planned_run import planned_run

    dag = workflow.dag
    jobs = [described(job, not workflow.local_exec) for job in dag.needrun_jobs()]
    cores = int(workflow.cores) if workflow.local_exec else None
    run = planned_run(jobs, results, hardware, cores, [str(path) for path in dag.derived_targetfiles])
    for handler in workflow.logger_manager.get_log_handlers():
        if isinstance(handler, LogHandler):
            handler.begin(run)


def restart_with(remaining: Callable[[list[str]], list[str]]) -> None:
    """In a cluster's job, let Snakemake take another command line than the one that it was started with.

    It has read its own by now, so that it starts again, in the same process.
    """
    words = sys.argv[1:]
    if "slurm-jobstep" in words and (left := remaining(words)) != words:
        os.execv(sys.executable, [sys.executable, "-m", "snakemake", *left])


def start_again(workflow: Any) -> None:
    """Plan anew, where what the plan was made from has changed: the same command again, in the same process."""
    os.chdir(workflow.workdir_init)
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "snakemake", *sys.argv[1:]])


def start_warm_server_for(workflow: Any, folder: Path) -> None:
    """Start the process that training jobs on this machine are forks of, where there are any."""
    from workflow_scripts.warm.start_server import start_warm_server  # of a run alone

    warm = planned_rules(workflow)
    if workflow.local_exec and any(name == "sample_checkpoint" or name.startswith("train_") for name in warm):
        start_warm_server(folder, _WARM_SCRIPTS, _WARM_LIBRARIES)
