"""Summarise one wave: every chain's outcome, the controllers' means with intervals, and their paired contrasts."""

import argparse
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.core.traces import pass_rates
from workflow_scripts.statistics.chain_outcomes import (
    CHAIN_METRICS,
    Chains,
    campaign_outcomes,
    chain_outcomes,
    select_chains,
)
from workflow_scripts.statistics.contrasts import paired_contrast
from workflow_scripts.statistics.intervals import Bootstrap, mean, mean_intervals


def summarise(
    wave: str,
    chain: str,
    controllers: Sequence[str],
    seeds: Sequence[int],
    campaigns: int,
    all_traces: Sequence[dict[str, Any]],
    bootstrap: Bootstrap,
    collapse_ratio: float,
) -> dict[str, Any]:
    """The wave's statistics (``statistics.schema.json``) without ``inputs``; all values are fractions in [0, 1]."""
    chains, excluded = select_chains(all_traces, controllers, seeds, campaigns)
    per_campaign = campaign_outcomes(chains, collapse_ratio)
    per_chain = chain_outcomes(per_campaign)
    values = {
        controller: {metric: _by_seed(per_chain, controller, metric) for metric in CHAIN_METRICS}
        for controller in controllers
    }
    return {
        "schema_version": 1,
        "wave": wave,
        **_common(all_traces, chain),
        "controllers": {
            controller: {
                metric: _metric(by_seed, bootstrap, derive_seed("bootstrap", wave, chain, controller, metric))
                for metric, by_seed in metrics.items()
            }
            for controller, metrics in values.items()
        },
        "paired": {
            f"{second}-{first}": {
                metric: paired_contrast(
                    values[first][metric],
                    values[second][metric],
                    bootstrap,
                    derive_seed("bootstrap", wave, chain, first, second, metric),
                )
                for metric in CHAIN_METRICS
            }
            for first, second in itertools.combinations(controllers, 2)
        },
        "campaigns": _records(per_campaign.drop(columns="probe_gap")),
        "trajectories": _trajectories(chains),
        "excluded": excluded,
    }


def _common(all_traces: Sequence[dict[str, Any]], chain: str) -> dict[str, Any]:
    """Testbed, chain and model, which all traces of a wave must share."""
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
    return {"testbed": reference["identity"]["testbed"], "chain": chain, "model": reference["model"]}


def _by_seed(per_chain: pd.DataFrame, controller: str, metric: str) -> dict[int, float]:
    """The metric of each of the controller's chains that has one."""
    measured = per_chain[metric].dropna().reset_index()
    mine = measured[measured["controller"] == controller]
    return dict(zip(mine["seed"].tolist(), mine[metric].tolist(), strict=True))


def _metric(by_seed: dict[int, float], bootstrap: Bootstrap, seed: int) -> dict[str, Any]:
    values = list(by_seed.values())
    return {
        "values": [{"seed": key, "value": value} for key, value in by_seed.items()],
        "mean": mean(values),
        "n": len(values),
        "unit": "seed",
        "intervals": mean_intervals(values, bootstrap, seed),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON values, with null for what is missing."""
    plain = table.astype(object)
    rows = plain.where(plain.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _trajectories(chains: Chains) -> list[dict[str, Any]]:
    return [
        {
            "controller": controller,
            "seed": seed,
            "campaign": trace["identity"]["campaign"],
            "pass_rates": pass_rates(trace),
            "probe": [[entry["step"], entry["pass@1"]] for entry in trace["probe"]],
        }
        for (controller, seed), chain in chains.items()
        for trace in chain
    ]


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
        "--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n, e.g. 1000000"
    )
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    if not 0 < arguments.confidence < 1:
        parser.error(f"--confidence: must be between 0 and 1, got {arguments.confidence}")
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
        arguments.collapse_ratio,
    )
    inputs = {path: sha256_file(path) for path in arguments.traces}
    write_json(arguments.output, {**statistics, "inputs": inputs}, "statistics")


if __name__ == "__main__":
    run(main)
