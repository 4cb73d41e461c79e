"""Simulate how often each kind of interval holds the true mean at few seeds; of no testbed, from no results."""

import argparse
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.coverage import SimulatedCoverage
from workflow_scripts.core.files import write_json
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.interval_coverage import POPULATIONS, simulate
from workflow_scripts.statistics.intervals import Bootstrap


def simulate_all(sizes: list[int], samples: int, bootstrap: Bootstrap, seed: int) -> SimulatedCoverage:
    """``coverage.schema.json``: every population at every number of seeds, each with draws of its own."""
    return {
        "schema_version": 1,
        "level": bootstrap.level,
        "samples": samples,
        "seed": seed,
        "max_atoms": bootstrap.max_atoms,
        "resamples": bootstrap.resamples,
        "unit": "seed",
        "populations": {
            name: {"about": own.about, "mean": own.mean, "standard_deviation": own.standard_deviation}
            for name, own in POPULATIONS.items()
        },
        "methods": [
            method
            for name in POPULATIONS
            for n in sizes
            for method in simulate(name, n, samples, bootstrap, derive_seed("coverage", seed, name, n))
        ],
    }


def _arguments() -> argparse.Namespace:
    prog = "python -m workflow_scripts.statistics.simulate_coverage"
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("--sizes", required=True, nargs="+", type=int, help="numbers of seeds, e.g. 3 5 10 20")
    parser.add_argument("--samples", required=True, type=int, help="simulated per population and size, e.g. 10000")
    parser.add_argument("--seed", required=True, type=int, help="of the random numbers")
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument(
        "--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n, e.g. 1000000"
    )
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path, help="coverage.json to write")
    arguments = parser.parse_args()
    if not 0 < arguments.confidence < 1:
        parser.error(f"--confidence: must be between 0 and 1, got {arguments.confidence}")
    if min(arguments.sizes) < 2:
        parser.error(f"--sizes: must be at least 2, got {min(arguments.sizes)}")
    if arguments.samples < 1:
        parser.error(f"--samples: must be at least 1, got {arguments.samples}")
    return arguments


def main() -> None:
    arguments = _arguments()
    bootstrap = Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples)
    found = simulate_all(arguments.sizes, arguments.samples, bootstrap, arguments.seed)
    write_json(arguments.output, found, "coverage")


if __name__ == "__main__":
    run(main)
