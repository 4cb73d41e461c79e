"""The manifest of a release, the paper's wave_aggregate.json (section 5.3, "Reader's guide"): campaigns by wave.

Lists, for each declared wave, its chains and every campaign of them with its trace's path, checksum, status and end;
campaigns that have no trace are listed as not run. The same trace stands under every wave that it belongs to.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, cast

from workflow_scripts.core.campaign_folders import campaign_folder
from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Identity, Trace
from workflow_scripts.core.contracts.statistics import Declaration, Entry, ListedCampaign, ListedWave, Manifest, Wave
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.core.traces import pass_rates
from workflow_scripts.statistics.wave_selection import add_waves, selected_waves

NOT_RUN: Final = "not run"


def trace_path(results: Path, chain: str, controller: str, seed: int, campaign: int) -> Path:
    """Where a campaign's trace lies below ``results``, the folder of a testbed."""
    return results / campaign_folder(chain, controller, seed, campaign) / "trace.json"


def traces_of(results: Path, declared: Wave) -> list[tuple[str, int, int, Path]]:
    """(controller, seed, campaign, path) of every campaign that a wave declares."""
    chain, last = declared["chain"], declared["campaigns"]
    return [
        (controller, seed, campaign, trace_path(results, chain, controller, seed, campaign))
        for controller in declared["controllers"]
        for seed in declared["seeds"]
        for campaign in range(1, last + 1)
    ]


def describe_trace(path: Path, trace: Trace, sha256: str) -> Entry:
    """The manifest's entry of a trace; ``end`` is its last measured pass rate, null where there is none."""
    rates = pass_rates(trace)
    return {
        "trace": path.as_posix(),
        "sha256": sha256,
        "status": trace["status"],
        "steps": len(trace["steps"]),
        "end": rates[-1] if rates else None,
    }


def aggregate(testbed: str, waves: Mapping[str, Wave], results: Path, entries: Mapping[Path, Entry]) -> Manifest:
    """``wave_aggregate.schema.json``; ``entries`` holds what was run, by path."""
    return {
        "schema_version": 1,
        "testbed": testbed,
        "waves": {name: _wave(declared, results, entries) for name, declared in waves.items()},
    }


def _wave(declared: Wave, results: Path, entries: Mapping[Path, Entry]) -> ListedWave:
    chains: dict[tuple[str, int], list[ListedCampaign]] = {}
    statuses: dict[Path, str] = {}
    for controller, seed, campaign, path in traces_of(results, declared):
        absent: Entry = {"trace": path.as_posix(), "sha256": None, "status": NOT_RUN, "steps": None, "end": None}
        entry = entries.get(path, absent)
        statuses[path] = entry["status"]
        chains.setdefault((controller, seed), []).append({"campaign": campaign, **entry})
    declaration = {key: value for key, value in declared.items() if key not in ("chain", "model_name")}
    return {
        "declaration": cast("Declaration", declaration),
        "chain": declared["chain"],
        "model": {"role": declared["model"], "name": declared["model_name"]},
        # A first campaign, which controllers share, is one campaign.
        "campaigns": {
            "declared": len(statuses),
            "run": sum(status != NOT_RUN for status in statuses.values()),
            "completed": sum(status == "completed" for status in statuses.values()),
        },
        "chains": [
            {"controller": controller, "seed": seed, "campaigns": campaigns}
            for (controller, seed), campaigns in chains.items()
        ],
    }


def read_entries(testbed: str, paths: Iterable[Path]) -> dict[Path, Entry]:
    """The entries of the traces that exist; one whose path says another testbed or campaign is a ``UserError``."""
    entries = {}
    for path in dict.fromkeys(paths):
        if path.is_file():
            trace = read_json(path, "trace")
            _require_place(testbed, path, trace["identity"])
            entries[path] = describe_trace(path, trace, sha256_file(path))
    return entries


def _require_place(testbed: str, path: Path, identity: Identity) -> None:
    own = [identity["chain"], identity["controller"], f"s{identity['seed']}", f"c{identity['campaign']:02d}"]
    if identity["testbed"] != testbed or list(path.parts[-5:-1]) != own:
        raise UserError(
            f"{path}: identity: is of {'/'.join(own)} on testbed {identity['testbed']!r}; put each trace in the folder "
            f"of its campaign, on testbed {testbed!r}"
        )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.statistics.aggregate_waves", description=__doc__)
    parser.add_argument("--testbed", required=True, help="the testbed's name, e.g. tiny")
    add_waves(parser)
    parser.add_argument("--results", required=True, type=Path, help="the testbed's folder, e.g. results/tiny")
    parser.add_argument("--output", required=True, type=Path, help="wave_aggregate.json to write")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    waves = selected_waves(arguments)
    paths = [path for declared in waves.values() for *_, path in traces_of(arguments.results, declared)]
    manifest = aggregate(arguments.testbed, waves, arguments.results, read_entries(arguments.testbed, paths))
    write_json(arguments.output, manifest, "wave_aggregate")


if __name__ == "__main__":
    run(main)
