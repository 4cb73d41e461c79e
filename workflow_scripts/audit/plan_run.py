"""What a target would cost before it is computed: jobs, hours, wall time and disk, and what is done already.

The jobs are Snakemake's own, from a dry run. A job takes as long as its like took on this machine ("measured"), as
another length or kind of it did ("scaled from"), as the formula of cost_estimate says ("formula"), or as is stated in
job_seconds.py ("assumed"). Computes nothing and writes nothing.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_scripts.audit.disk_use import recorded_sizes
from workflow_scripts.audit.recorded_seconds import recorded_seconds
from workflow_scripts.audit.run_estimate import Estimate, Row, estimate
from workflow_scripts.audit.snakemake_jobs import Workload, plan_jobs
from workflow_scripts.core.cli import run
from workflow_scripts.core.yaml_files import read_yaml
from workflow_scripts.cost.hardware import Accelerator, accelerator


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="all", help="a file or rule, as snakemake takes it (default: all)")
    parser.add_argument("--cores", type=int, default=2, help="for jobs on this machine (default: 2)")
    parser.add_argument("--profile", help="as of snakemake, such as slurm; its `jobs` is how many run at a time")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as of snakemake: testbed=qwen")
    parser.add_argument("--hardware", help="GPU of the formula, by its name (default: config.yaml's cluster.hardware)")
    parser.add_argument("--json", action="store_true", help="for machines: one JSON object")
    return parser.parse_args(words)


def snakemake_options(arguments: argparse.Namespace) -> list[str]:
    """The plan's options as Snakemake's. With a profile, its own cores count."""
    options = ["--profile", arguments.profile] if arguments.profile else ["--cores", str(arguments.cores)]
    return options + (["--config", *arguments.config] if arguments.config else [])


def formula_hardware(named: str | None, config: Mapping[str, Any]) -> Accelerator:
    """The GPU that the formula is for: the one that ``--hardware`` names, else the configuration's."""
    return accelerator(named or config["cluster"]["hardware"])


def results_folder(workload: Workload) -> Path:
    """``results/{testbed}``, from the benchmark file of any job."""
    benchmarks = (job.benchmark for job in workload.jobs if job.benchmark)
    return Path(*Path(next(benchmarks, "results/none")).parts[:2])


def in_words(cost: Estimate) -> str:
    """The one line that matters, the table, and what is behind it."""
    lines = [headline(cost)]
    if cost.jobs:
        width = max(len(row.rule) for row in cost.rows)
        lines += ["", f"{'rule':{width}}  to do  done   seconds each  known by"]
        lines += [_line(row, width) for row in cost.rows]
        sizes = ", ".join(f"{count} {kind}" for kind, count in sorted(cost.disk.kinds.items()))
        lines += [
            "",
            f"Longest chain of jobs: {time_in_words(cost.critical_path_seconds)}; no number of machines is faster.",
            f"Disk: {bytes_in_words(cost.disk.peak)} at most while it runs, {bytes_in_words(cost.disk.stays)} stay "
            f"(sizes of outputs: {sizes}).",
        ]
    if cost.parallelism.submissions is not None:
        lines.append("The wait in the cluster's queue is not counted.")
    return "\n".join(lines)


def headline(cost: Estimate) -> str:
    done = f"{cost.campaigns_done} of {cost.campaigns + cost.campaigns_done} campaigns are done"
    if not cost.jobs:
        return f"Nothing to do: {done}."
    hours = f"{_rounded(cost.processor_hours)} processor-hours"
    if cost.gpu_hours:
        hours += f", {_rounded(cost.gpu_hours)} GPU-hours"
    submissions = cost.parallelism.submissions
    where = f"{cost.parallelism.cores} cores" if submissions is None else f"{submissions} submitted jobs at a time"
    return (
        f"{cost.campaigns} campaigns, {cost.jobs} jobs: {hours}, about {time_in_words(cost.wall_seconds)} on {where}, "
        f"{bytes_in_words(cost.disk.peak)} of disk; {done if cost.campaigns_done else 'no campaign is done yet'}."
    )


def time_in_words(seconds: float) -> str:
    """In the largest unit of which there are at least two."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def bytes_in_words(count: float) -> str:
    for size, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count / 1e3:.0f} kB"


def _rounded(number: float) -> str:
    """To two digits, and to whole numbers from ten on."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _line(row: Row, width: int) -> str:
    each = f"{row.seconds:.1f}" if row.to_do else "-"
    return f"{row.rule:{width}}  {row.to_do:5}  {row.done or '-':>4}  {each:>13}  {row.source}"


def main() -> None:
    arguments = parse_arguments()
    workload = plan_jobs(arguments.target, snakemake_options(arguments))
    recorded = recorded_seconds(workload.jobs, results_folder(workload))
    config = read_yaml("config.yaml")
    hardware = formula_hardware(arguments.hardware, config)
    cost = estimate(workload, recorded, recorded_sizes(workload.jobs), hardware)
    print(json.dumps(cost.record(), indent=1) if arguments.json else in_words(cost))


if __name__ == "__main__":
    run(main)
