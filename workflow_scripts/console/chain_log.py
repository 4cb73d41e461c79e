"""A logger of Snakemake's for people: a bar with the time left, a line per finished chain, failures in full.

Where the output is no terminal there is no bar, and the lines are plain. Snakemake's own words, with every job, are in
its log below .snakemake/log as ever; a dry run shows them here too.
"""

import logging
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter, show_logs
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from workflow_scripts.console import run_lines
from workflow_scripts.console.run_progress import PlannedRun, RunProgress
from workflow_scripts.core.files import read_json

# What Snakemake says beside errors and warnings that is for a person, by how it begins.
_SHOWN = (
    *("Building DAG of jobs", "Nothing to be done", "Trying to restart job", "Will exit after finishing"),
    "Terminating processes",
)
_LOG_HINT = "Complete log(s): "
# A single job that is in no chain has a line if it took so long: a base model, say.
_LONG_SECONDS = 30.0
# With what stands beside it, a line of 80 characters.
_BAR_WIDTH = 20


class LogHandler(LogHandlerBase):
    """Snakemake makes it, feeds it records from a thread of its own, and closes it at the end."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        told = self.common_settings
        quiet = set(told.quiet or ())
        self._plain = ColorizingTextHandler(
            nocolor=told.nocolor,
            stream=sys.stdout if told.stdout else sys.stderr,
            formatter=DefaultFormatter(quiet, told.show_failed_logs),
            filter=DefaultFilter(quiet, told.debug_dag, told.verbose, told.dryrun, told.printshellcmds),
        )
        self._console = Console(stderr=True, no_color=told.nocolor or None, highlight=False, markup=False)
        self._progress: RunProgress | None = None
        self._live: Live | None = None
        self._log: str | None = None
        self._told = ""
        # The bar is drawn by a thread of its own. Not the handler's lock: who holds that prints, and waits for the bar.
        self._counting = threading.Lock()

    def begin(self, run: PlannedRun) -> None:
        """What is planned, as soon as it is known: from here on there is a bar."""
        self.acquire()
        try:
            self._progress = RunProgress(run, time.monotonic())
            self._say(run_lines.beginning(run))
            if self._console.is_terminal and not self._console.is_dumb_terminal:
                self._live = Live(get_renderable=self._bar, console=self._console, refresh_per_second=2, transient=True)
                self._live.start()
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        if self.common_settings.dryrun:
            self._plain.handle(record)
            return
        event, told, now = getattr(record, "event", None), vars(record), time.monotonic()
        if event == LogEvent.JOB_INFO and self._progress:
            with self._counting:
                self._progress.begin(told["jobid"], now)
        elif event == LogEvent.JOB_FINISHED and self._progress:
            self._finish(self._progress, told["job_id"], now)
        elif event == LogEvent.JOB_ERROR:
            self._fail(told)
        elif event == LogEvent.GROUP_ERROR:
            self._say(f"FAILED: {len(told['job_error_info'])} jobs in one submission", style="bold red")
            self._show(told["aux_logs"])
        elif record.levelno >= logging.WARNING:
            style = "red" if record.levelno >= logging.ERROR else "yellow"
            self._say(run_lines.shortened(record.getMessage()), style=style)
        elif event is None:
            self._tell(record.getMessage())

    def close(self) -> None:
        """The end of a run, however it ended."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._progress is not None:
            lines = run_lines.ending(self._progress, time.monotonic(), self._log)
            self._progress = None
            self._say(*lines)
        super().close()

    def _say(self, *lines: str, style: str | None = None) -> None:
        self._console.print(Text("\n".join(lines), style=style or ""), soft_wrap=True)

    def _tell(self, message: str) -> None:
        if message.startswith(_LOG_HINT):
            path = Path(message.removeprefix(_LOG_HINT))
            self._log = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
        elif message.startswith(_SHOWN) and message != self._told:
            # Some are told again at each look for jobs.
            self._told = message
            self._say(message)

    def _finish(self, progress: RunProgress, number: int, now: float) -> None:
        with self._counting:
            took, chain = progress.finish(number, now)
        clock, left = time.strftime("%H:%M:%S"), run_lines.time_left(progress.seconds_left(now))
        if chain is not None:
            self._say(f"{clock} {run_lines.finished_chain(chain, _end_of(chain.last_trace), left)}")
        elif took >= _LONG_SECONDS and (job := progress.run.jobs.get(number)) and job.chain is None:
            self._say(f"{clock} {job.name} in {run_lines.elapsed(took)}; {left}")

    def _fail(self, told: Mapping[str, Any]) -> None:
        """A job's rule, its file and its logs; of a submission's jobs those that have begun."""
        logs = told["log"]
        if told["indent"]:
            logs = [log for log in logs if Path(log).exists()]
            if not logs or all(Path(output).exists() for output in told["output"]):
                return
        if self._progress:
            with self._counting:
                self._progress.fail(told["jobid"])
        job = self._progress.run.jobs.get(told["jobid"]) if self._progress else None
        self._say(run_lines.failure(told["rule_name"], told["output"], job.name if job else ""), style="bold red")
        if told.get("rule_msg"):
            self._say(told["rule_msg"])
        self._show(logs)

    def _show(self, logs: Sequence[str]) -> None:
        self._say(*(line for log in logs for line in show_logs([log])))

    def _bar(self) -> Group | Text:
        progress, now = self._progress, time.monotonic()
        if progress is None:
            return Text("")
        run = progress.run
        with self._counting:
            part, left, names = progress.part_done(now), progress.seconds_left(now), ", ".join(progress.names_running())
            count = f"{len(progress.done)} of {len(run.jobs)} jobs"
            if run.campaigns:
                count = f"{progress.campaigns_done} of {run.campaigns} campaigns"
        line = Table.grid(padding=(0, 2))
        line.add_row(
            ProgressBar(total=1.0, completed=part, width=_BAR_WIDTH),
            f"{100 * part:.0f} %",
            count,
            run_lines.elapsed(now - progress.began),
            run_lines.time_left(left),
        )
        return Group(line, Text(names and f"now: {names}", no_wrap=True, overflow="ellipsis", style="dim"))


def _end_of(trace: str | None) -> str:
    """The last pass rate of a campaign, or why it ended early; nothing where its trace cannot be read."""
    with suppress(OSError, KeyError, ValueError, TypeError):
        if trace is not None:
            told = read_json(trace)
            if told["status"] != "completed":
                return f", ended early: {told['status']}"
            return f", last pass rate {100 * told['steps'][-1]['CodeGrader/pass_rate/mean']:.0f} %"
    return ""
