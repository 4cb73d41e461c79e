"""Summarise what chains cost: hours of training, questions to a language model, seconds per decision (appendix G)."""

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Costs, Wave
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics.chain_costs import Key, Measured, chain_keys, missing_campaigns, wave_costs
from workflow_scripts.statistics.wave_selection import add_waves, selected_waves


def summarise(
    waves: dict[str, Wave], measured: Measured, testbed: str, device: Literal["cpu", "cuda"], processes: int
) -> Costs:
    """The summary (``timing_summary.schema.json``) without ``inputs``; ``waves`` as ``wave_declarations`` has them."""
    return {
        "schema_version": 1,
        "testbed": testbed,
        "device": device,
        "processes": processes,
        "waves": {
            name: {
                "chain": wave["chain"],
                "campaigns": wave["campaigns"],
                "model": {"role": wave["model"], "name": wave["model_name"]},
                "controllers": wave_costs(wave, measured, processes),
            }
            for name, wave in waves.items()
        },
        "missing": [entry for name, wave in waves.items() for entry in missing_campaigns(name, wave, measured)],
    }


def existing_files(results: Path, waves: Mapping[str, Wave]) -> dict[str, dict[Key, Path]]:
    """What there is of the waves' campaigns: timing.json, chat.json, and Snakemake's benchmark of each plan."""
    keys = {
        key
        for wave in waves.values()
        for controller in wave["controllers"]
        for seed in wave["seeds"]
        for key in chain_keys(wave, controller, seed)
    }
    found: dict[str, dict[Key, Path]] = {"timing": {}, "chat": {}, "benchmark": {}}
    for chain, owner, seed, number in sorted(keys):
        place = f"chains/{chain}/{owner}/s{seed}/c{number:02d}"
        files = {
            "timing": results / place / "timing.json",
            "chat": results / place / "chat.json",
            "benchmark": results / "benchmarks" / f"{place}.plan.tsv",
        }
        for kind, path in files.items():
            if path.is_file():
                found[kind][chain, owner, seed, number] = path
    return found


def training_seconds(path: Path) -> float:
    """Of the training job: loading and the campaign itself, from timing.json."""
    seconds = read_json(path)
    try:
        return float(seconds["start"]) + float(seconds["campaign"])
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"{path}: start, campaign: seconds of both are needed; was it written by train_campaign?"
        ) from None


def benchmark_seconds(path: Path) -> float:
    """Wall-clock seconds of a job from Snakemake's benchmark file, the mean where it was repeated."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    try:
        seconds = [float(row["s"]) for row in rows]
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{path}: s: no seconds; is it a benchmark file of Snakemake?") from None
    if not seconds:
        raise UserError(f"{path}: holds no run")
    return sum(seconds) / len(seconds)


def read_measured(found: Mapping[str, Mapping[Key, Path]]) -> Measured:
    """All that the files of ``existing_files`` say, by campaign."""
    exchanges = {key: read_json(path, "chat")["exchanges"] for key, path in found["chat"].items()}
    return Measured(
        {key: training_seconds(path) for key, path in found["timing"].items()},
        {key: benchmark_seconds(path) for key, path in found["benchmark"].items()},
        {key: sum(one["response"] is not None for one in asked) for key, asked in exchanges.items()},
        {key: sum(len(one["varying"]["failed_attempts"]) for one in asked) for key, asked in exchanges.items()},
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.statistics.summarise_timing", description=__doc__)
    add_waves(parser)
    parser.add_argument(
        "--results", required=True, type=Path, help="the testbed's folder, with chains/ and benchmarks/ in it"
    )
    parser.add_argument("--testbed", required=True)
    parser.add_argument("--device", required=True, choices=("cpu", "cuda"), help="what a training process computes on")
    parser.add_argument("--processes", required=True, type=int, help="training processes of a campaign, one per device")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    if arguments.processes < 1:
        parser.error(f"--processes: must be at least 1, got {arguments.processes}")
    return arguments


def main() -> None:
    arguments = _arguments()
    waves = selected_waves(arguments)
    found = existing_files(arguments.results, waves)
    summary = summarise(waves, read_measured(found), arguments.testbed, arguments.device, arguments.processes)
    read = [arguments.waves, *(path for of_kind in found.values() for path in of_kind.values())]
    inputs = {str(path): sha256_file(path) for path in read}
    write_json(arguments.output, {**summary, "inputs": inputs}, "timing_summary")


if __name__ == "__main__":
    run(main)
