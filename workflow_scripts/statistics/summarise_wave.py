"""Summarise one wave: every chain's outcome, the controllers' means with intervals, and their paired contrasts.

Beside these, what all campaigns of a controller's chains say together.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.statistics import Campaign, Findings
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics.campaign_metrics import campaign_metrics, carryover
from workflow_scripts.statistics.chain_metrics import chain_metrics, paired_metrics, values_by_seed
from workflow_scripts.statistics.chain_outcomes import campaign_outcomes, chain_outcomes, select_chains, trajectories
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.oracles import EarlyStop


@dataclass(frozen=True)
class Definitions:
    """What counts as a collapse (end / peak), as a large gap (each threshold), and when the oracle stops."""

    collapse_ratio: float
    gap_thresholds: tuple[float, ...]
    early_stop: EarlyStop


def summarise(
    wave: str,
    chain: str,
    controllers: Sequence[str],
    seeds: Sequence[int],
    campaigns: int,
    all_traces: Sequence[Trace],
    bootstrap: Bootstrap,
    definitions: Definitions,
) -> Findings:
    """The wave's statistics (``statistics.schema.json``) without ``inputs``; rates are fractions in [0, 1]."""
    chains, excluded = select_chains(all_traces, controllers, seeds, campaigns)
    per_campaign = campaign_outcomes(chains, definitions.collapse_ratio, definitions.early_stop)
    of_controller = {controller: per_campaign[per_campaign["controller"] == controller] for controller in controllers}
    _require_common(all_traces, chain)
    by_seed = values_by_seed(chain_outcomes(per_campaign), controllers)
    return {
        "schema_version": 1,
        "wave": wave,
        "testbed": all_traces[0]["identity"]["testbed"],
        "chain": chain,
        "model": all_traces[0]["model"],
        "controllers": chain_metrics(by_seed, bootstrap, (wave, chain)),
        "paired": paired_metrics(by_seed, bootstrap, (wave, chain)),
        "campaign_metrics": {
            controller: campaign_metrics(rows, definitions.gap_thresholds, bootstrap, (wave, chain, controller))
            for controller, rows in of_controller.items()
        },
        "carryover": {controller: carryover(rows) for controller, rows in of_controller.items()},
        "campaigns": _records(per_campaign.drop(columns=["probe_gap", "oracle_peak", "oracle_steps"])),
        "trajectories": trajectories(chains),
        "excluded": excluded,
    }


def _require_common(all_traces: Sequence[Trace], chain: str) -> None:
    """A ``UserError`` where traces differ in testbed, chain or model."""
    reference = all_traces[0]
    for trace in all_traces:
        identity = trace["identity"]
        where = f"controller {identity['controller']}, seed {identity['seed']}, campaign {identity['campaign']}"
        for key, found, expected in (
            ("identity.chain", identity["chain"], chain),
            ("identity.testbed", identity["testbed"], reference["identity"]["testbed"]),
            ("model", trace["model"], reference["model"]),
        ):
            if found != expected:
                raise UserError(f"--traces: {where}: {key}: is {found!r}, expected {expected!r}")


def _records(table: pd.DataFrame) -> list[Campaign]:
    """The rows as JSON values, with null for what is missing."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return cast("list[Campaign]", [{str(name): value for name, value in row.items()} for row in rows])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.statistics.summarise_wave", description=__doc__)
    parser.add_argument("--wave", required=True, help="the wave's name, e.g. W4")
    parser.add_argument("--chain", required=True, help="e.g. 7B-reinforce-py-20")
    parser.add_argument("--controllers", required=True, nargs="+", help="baseline first; each pair is contrasted")
    parser.add_argument("--seeds", required=True, nargs="+", type=int)
    parser.add_argument("--campaigns", required=True, type=int, help="campaigns per chain; the last one counts")
    parser.add_argument("--traces", required=True, nargs="+", help="trace.json files, the shared first ones once")
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument(
        "--collapse-ratio", required=True, type=float, help="a collapse is end / peak below it, e.g. 0.3"
    )
    parser.add_argument(
        "--gap-thresholds",
        required=True,
        nargs="+",
        type=float,
        help="gaps to count campaigns beyond, e.g. 0.2 0.3 0.5",
    )
    parser.add_argument(
        "--early-stop-declines", required=True, type=int, help="declines in a row that stop the oracle, e.g. 3"
    )
    parser.add_argument(
        "--early-stop-size", required=True, type=float, help="a decline is so far below the running peak, e.g. 0.02"
    )
    parser.add_argument(
        "--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n, e.g. 1000000"
    )
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    if not 0 < arguments.confidence < 1:
        parser.error(f"--confidence: must be between 0 and 1, got {arguments.confidence}")
    if wrong := [threshold for threshold in arguments.gap_thresholds if not 0 <= threshold <= 1]:
        parser.error(f"--gap-thresholds: must be fractions between 0 and 1, got {wrong[0]}")
    if not 0 <= arguments.early_stop_size <= 1:
        parser.error(f"--early-stop-size: must be a fraction between 0 and 1, got {arguments.early_stop_size}")
    if arguments.early_stop_declines < 1:
        parser.error(f"--early-stop-declines: must be at least 1, got {arguments.early_stop_declines}")
    return arguments


def main() -> None:
    arguments = _arguments()
    statistics = summarise(
        arguments.wave,
        arguments.chain,
        arguments.controllers,
        arguments.seeds,
        arguments.campaigns,
        [read_json(path, "trace") for path in arguments.traces],
        Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples),
        Definitions(
            arguments.collapse_ratio,
            tuple(arguments.gap_thresholds),
            EarlyStop(arguments.early_stop_declines, arguments.early_stop_size),
        ),
    )
    inputs = {path: sha256_file(path) for path in arguments.traces}
    write_json(arguments.output, {**statistics, "inputs": inputs}, "statistics")


if __name__ == "__main__":
    run(main)
