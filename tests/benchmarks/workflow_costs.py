"""What people wait for before a job runs: the dry run of the whole paper, and the status of 900 campaigns.

python -m tests.benchmarks.workflow_costs
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.comparisons import Comparison, in_turn
from tests.workflow.project import SNAKEMAKE, copy_project, environment
from workflow_scripts.audit.campaign_states import ChainSeed, all_states
from workflow_scripts.audit.show_status import grid

REPEATS = 5
CHAIN = "7B-reinforce-py-20"
TRACE = {"steps": [{"CodeGrader/pass_rate/mean": 0.9}, {"CodeGrader/pass_rate/mean": 0.5}], "status": "completed"}


def seconds(work: Callable[[], object]) -> float:
    """What a piece of work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def dry_run(folder: Path, *targets: str) -> None:
    """Plan in a folder."""
    command = [str(SNAKEMAKE), "--cores", "1", "--dry-run", "--quiet", "all", *targets]
    subprocess.run(command, cwd=folder, env=environment(), check=True, capture_output=True)


def compare_dry_runs(folder: Path) -> Comparison:
    """The whole paper in a clone without results, beside a workflow without rules."""
    project, empty = copy_project(folder / "project"), folder / "empty"
    empty.mkdir()
    (empty / "Snakefile").touch()
    costs = in_turn(lambda: seconds(lambda: dry_run(project, "all")), lambda: seconds(lambda: dry_run(empty)), REPEATS)
    return Comparison("snakemake -n all", "without rules", *costs, "s", 10.0)


def compare_status(folder: Path) -> Comparison:
    """The grid of 900 finished campaigns, beside parsing their traces."""
    chains = {ChainSeed(CHAIN, "A3", seed): 10 for seed in range(90)}
    traces = [
        folder / f"chains/{CHAIN}/A3/s{seed}/c{number:02d}/trace.json" for seed in range(90) for number in range(2, 11)
    ]
    for trace in traces:
        trace.parent.mkdir(parents=True)
        trace.write_text(json.dumps(TRACE))
    costs = in_turn(
        lambda: seconds(lambda: grid(all_states(folder, chains))),
        lambda: seconds(lambda: [json.loads(trace.read_text()) for trace in traces]),
        REPEATS,
    )
    return Comparison("the status of 900 campaigns", "parsing their traces", *costs, "s", 10.0)


def main() -> None:
    """Measure and print."""
    for compare in (compare_status, compare_dry_runs):
        with tempfile.TemporaryDirectory() as folder:
            print(compare(Path(folder)).line(), flush=True)


if __name__ == "__main__":
    main()
