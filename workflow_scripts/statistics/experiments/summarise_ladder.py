"""Summarise the reward ladder: what each reward does at each constant rate, by the rule of docs/preregistration.md."""

import argparse
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics.experiments.reward_ladder import summarise
from workflow_scripts.statistics.intervals import Bootstrap


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.statistics.experiments.summarise_ladder", description=__doc__
    )
    parser.add_argument("--traces", required=True, nargs="+", help="trace.json of single campaigns, probed alike")
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument("--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n")
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    bootstrap = Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples)
    found = summarise([read_json(path, "trace") for path in arguments.traces], bootstrap)
    write_json(arguments.output, {**found, "inputs": {path: sha256_file(path) for path in arguments.traces}}, "ladder")


if __name__ == "__main__":
    run(main)
