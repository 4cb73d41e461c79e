"""Summarise what a wave's controllers deliver: the checkpoint that each chain carries into its last campaign."""

import argparse
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics.experiments.carried_checkpoints import summarise
from workflow_scripts.statistics.intervals import Bootstrap


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.statistics.experiments.summarise_carried", description=__doc__
    )
    parser.add_argument("--wave", required=True, help="the wave's name, e.g. W220")
    parser.add_argument("--controllers", required=True, nargs="+", help="baseline first; each other one is held to it")
    parser.add_argument("--seeds", required=True, nargs="+", type=int)
    parser.add_argument("--campaigns", required=True, type=int, help="campaigns per chain")
    parser.add_argument("--traces", required=True, nargs="+", help="trace.json files, the shared first ones once")
    parser.add_argument("--pairs", nargs="*", default=[], metavar="A:B", help="further contrasts, B - A, e.g. RAND:B1")
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument("--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n")
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    pairs = [(first, second) for first, _, second in (pair.partition(":") for pair in arguments.pairs)]
    for name in (name for pair in pairs for name in pair):
        if name not in arguments.controllers:
            parser.error(f"--pairs: {name!r} is not among --controllers")
    found = summarise(
        arguments.wave,
        arguments.controllers,
        arguments.seeds,
        arguments.campaigns,
        [read_json(path, "trace") for path in arguments.traces],
        pairs,
        Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples),
    )
    write_json(arguments.output, {**found, "inputs": {path: sha256_file(path) for path in arguments.traces}}, "carried")


if __name__ == "__main__":
    run(main)
