"""Take from candidates the first so many that an untrained model solves now and then, with a share in --range.

A problem that it never solves, or always does, gives its training nothing to reinforce or nothing to prefer. The share
is measured with seeds of its own; measured again, it falls back towards the mean of all candidates. Candidates and
--grades are matched by the end of their ids, so that a split which puts the same problems in other words (ood) is
chosen by the grades of main.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, read_jsonl, write_jsonl


def composition_of(task_id: str) -> str:
    """What a generated problem computes, in any split and language: the hash at the end of its id."""
    return task_id.rpartition("/")[2]


def pass_rates(grades: Mapping[str, Any]) -> dict[str, float]:
    """The share of samples that passes, by composition; problems without a judged sample have none."""
    return {composition_of(row["task_id"]): row["c"] / row["n"] for row in grades["problems"] if row["n"]}


def select(candidates: Sequence[Problem], rates: Mapping[str, float], low: float, high: float) -> list[Problem]:
    """The candidates whose rate is within the bounds, both included, in their order."""
    return [row for row in candidates if low <= rates.get(composition_of(row["task_id"]), -1.0) <= high]


def summarize(candidates: Sequence[Problem], rates: Mapping[str, float], low: float, high: float) -> str:
    """One line per depth: how many candidates lie below, within and above the bounds, and their mean rate."""
    lines = []
    for depth in sorted({row["depth"] or 0 for row in candidates}):
        own = [
            rates[key]
            for row in candidates
            if row["depth"] == depth and (key := composition_of(row["task_id"])) in rates
        ]
        below, above = sum(rate < low for rate in own), sum(rate > high for rate in own)
        lines.append(
            f"depth {depth}: {len(own)} measured, mean pass rate {mean(own or [0.0]):.3f}; {below} below {low}, "
            f"{len(own) - below - above} within, {above} above {high}"
        )
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", required=True, type=Path, help="problems, JSON Lines (problem.schema.json)")
    parser.add_argument(
        "--grades", required=True, type=Path, help="of the untrained model's samples (grades.schema.json)"
    )
    parser.add_argument(
        "--range", required=True, nargs=2, type=float, metavar=("LOW", "HIGH"), help="share that passes"
    )
    parser.add_argument("--count", required=True, type=int, help="problems to take")
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    arguments = parser.parse_args()
    low, high = arguments.range
    if not 0 <= low <= high <= 1:
        parser.error(f"--range: {low} and {high} are not two shares, the lower first")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    candidates = read_jsonl(arguments.candidates, schema="problem")
    rates, (low, high) = pass_rates(read_json(arguments.grades, schema="grades")), arguments.range
    print(summarize(candidates, rates, low, high), file=sys.stderr)
    found = select(candidates, rates, low, high)
    if len(found) < arguments.count:
        raise UserError(
            f"{arguments.candidates}: {len(found)} of {len(candidates)} candidates have a pass rate from {low} to "
            f"{high}, and {arguments.count} were asked for; lower the split's count, or raise its candidates"
        )
    write_jsonl(arguments.output, found[: arguments.count], schema="problem")


if __name__ == "__main__":
    run(main)
