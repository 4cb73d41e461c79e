"""Fit the rise-and-collapse process of simulation/collapse_process.py to the traces of one kind of chain.

How each parameter is found is written in simulation/collapse_fit.py; parameters that such traces cannot show are given
with --assumed. The output says how the process's own chains compare with the recorded ones.
"""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.simulations import Fit
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_json, read_json, sha256_file, write_json
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.simulation.collapse_fit import Assumed, fit
from workflow_scripts.simulation.goodness_of_fit import compare
from workflow_scripts.simulation.recorded_chains import group_chains

SCHEMA = "collapse_process"
ASSUMED = tuple(field.name for field in fields(Assumed))


def fit_traces(traces: Sequence[Trace], assumed: Assumed, replicates: int, collapse_ratio: float, seed: int) -> Fit:
    """The content of the output, but for its inputs' checksum."""
    chains = group_chains(traces)
    process, search = fit(chains, assumed)
    identity, model = chains[0].traces[0]["identity"], chains[0].traces[0]["model"]
    return {
        "schema_version": 1,
        "parameters": asdict(process),
        "assumed": sorted(ASSUMED),
        "source": {
            "testbed": identity["testbed"],
            "chain": identity["chain"],
            "model": model["name"],
            "controllers": sorted({chain.controller for chain in chains}),
            "seeds": sorted({chain.seed for chain in chains}),
            "traces": len(traces),
        },
        "fit": search,
        "goodness_of_fit": {
            "replicates": replicates,
            "collapse_ratio": collapse_ratio,
            **compare(process, chains, replicates, collapse_ratio, derive_seed("goodness of fit", seed)),
        },
    }


def combined_checksum(paths: Sequence[Path]) -> str:
    """One SHA-256 over the sorted SHA-256 of the files, whatever their names and order."""
    return hashlib.sha256("".join(sorted(map(sha256_file, paths))).encode()).hexdigest()


def parse_assumed(text: str) -> Assumed:
    """A JSON object with a number of at least 0 for each assumed parameter, and nothing else."""
    given = parse_json(text, "--assumed")
    if not isinstance(given, dict) or set(given) != set(ASSUMED):
        raise UserError(f"--assumed: must be a JSON object with exactly {', '.join(ASSUMED)}, got {text}")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise UserError(f"--assumed: {name}: must be a number of at least 0, got {value!r}")
        if value > 1 and (name.endswith("_share") or name == "erosion"):
            raise UserError(f"--assumed: {name}: is a share, at most 1, got {value!r}")
    if given["kl_half_coefficient"] == 0 or given["hazard_exponent"] == 0:
        raise UserError("--assumed: kl_half_coefficient, hazard_exponent: must be above 0")
    if not isinstance(given["evaluation_samples"], int) or given["evaluation_samples"] < 1:
        raise UserError(f"--assumed: evaluation_samples: must be 1, 2, ..., got {given['evaluation_samples']!r}")
    return Assumed(**given)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.simulation.fit_collapse_process", description=__doc__
    )
    parser.add_argument("--traces", required=True, nargs="+", type=Path, help="trace.json of whole chains of one kind")
    parser.add_argument("--assumed", required=True, help=f"a JSON object with {', '.join(ASSUMED)}")
    parser.add_argument("--replicates", required=True, type=int, help="simulated chains per recorded one, to compare")
    parser.add_argument("--collapse-ratio", required=True, type=float, help="end/peak below it is a collapse")
    parser.add_argument("--seed", required=True, type=int, help="of the simulated chains")
    parser.add_argument("--output", required=True, type=Path, help="the process (collapse_process.schema.json)")
    arguments = parser.parse_args()
    if arguments.replicates < 1:
        parser.error(f"--replicates: must be at least 1, got {arguments.replicates}")
    return arguments


def main() -> None:
    arguments = _arguments()
    fitted = fit_traces(
        [read_json(path, "trace") for path in arguments.traces],
        parse_assumed(arguments.assumed),
        arguments.replicates,
        arguments.collapse_ratio,
        arguments.seed,
    )
    write_json(arguments.output, {**fitted, "inputs_sha256": combined_checksum(arguments.traces)}, SCHEMA)


if __name__ == "__main__":
    run(main)
