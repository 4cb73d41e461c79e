"""The words that a run is told in: its beginning, a finished chain, a failure and its end."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.console.run_progress import DoneChain, PlannedRun, RunProgress

# Folders are named in place of files where there are more targets than these.
_MOST_TARGETS = 4
# A command line of a job in an exception's words; the full log has all of it.
_LONGEST_LINE = 240


def elapsed(seconds: float) -> str:
    """Such as ``48 s``, ``6 min 05 s`` or ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def time_left(seconds: float | None) -> str:
    """An estimate, so that minutes are enough above one."""
    if seconds is None:
        return ""
    return f"{_about(seconds)} left"


def _about(seconds: float) -> str:
    if seconds < 60:
        return "under 1 min"
    return f"about {round(seconds / 60)} min" if seconds < 3600 else f"about {elapsed(seconds)}"


def beginning(run: PlannedRun) -> str:
    campaigns = f", of them {run.campaigns} campaigns" if run.campaigns else ""
    where = "on the cluster" if run.cores is None else f"on {run.cores} {'core' if run.cores == 1 else 'cores'}"
    estimate = f", {_about(run.wall_seconds)}" if run.wall_seconds is not None else ""
    return f"{len(run.jobs)} jobs{campaigns}{estimate} {where}"


def finished_chain(chain: DoneChain, ended_as: str, left: str) -> str:
    """``[ 3/15] 7B-reinforce-py-20 A3 s7: campaigns 2 to 10 in 52 s, last pass rate 41 %; about 3 min left``."""
    width = len(str(chain.total))
    head = f"[{chain.number:{width}}/{chain.total}] {chain.chain}"
    return f"{head}: {_campaigns(chain.campaigns)} in {elapsed(chain.seconds)}{ended_as}{left and '; '}{left}"


def _campaigns(numbers: Sequence[int]) -> str:
    if not numbers:
        return "planned"
    if len(numbers) == 1:
        return f"campaign {numbers[0]}"
    return f"campaigns {numbers[0]} to {numbers[-1]}"


def failure(rule: str, outputs: Sequence[str], job: str) -> str:
    made = f", which makes {outputs[0]}" if outputs else ""
    return f"FAILED: {job if job.startswith(rule) else f'{rule} of {job}'}{made}"


def shortened(text: str) -> str:
    """Without the middle of lines that nobody reads on a terminal."""
    return "\n".join(
        line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 60]} [...] {line[-50:]}"
        for line in text.splitlines()
    )


def ending(progress: RunProgress, now: float, log: str | None) -> list[str]:
    """Where the results are and what to do next; or what is done, and that the same command goes on."""
    run, took = progress.run, elapsed(now - progress.began)
    campaigns = f", {progress.campaigns_done} of {run.campaigns} campaigns" if run.campaigns else ""
    told = f"{len(progress.done)} of {len(run.jobs)} jobs{campaigns} in {took}"
    where = [f"full log: {log}"] if log else []
    if progress.is_complete:
        after = ["next: docs/auditing.md leads a number back to its programs; `make status` shows every campaign"]
        return [f"done: {told}", *_targets(run.targets), *(after if run.campaigns else []), *where]
    failed = f", {len(progress.failed)} failed" if progress.failed else ""
    again = "what is done stays: the same command goes on from there; `make status` shows every campaign"
    return [f"NOT done: {told}{failed}", again, *where]


def _targets(targets: Sequence[str]) -> list[str]:
    if len(targets) <= _MOST_TARGETS:
        return [f"  {target}" for target in targets]
    folders = Counter(str(Path(target).parent) for target in targets)
    return [f"  {folder}/: {count} {'file' if count == 1 else 'files'}" for folder, count in sorted(folders.items())]
