"""Play controllers against a fitted rise-and-collapse process, along recorded chains, or both; nothing is trained.

In the process (--process) each controller's own decide() plans every campaign of many chains, so that its behaviour and
operating characteristics can be seen before a GPU is paid; they are worth what the process is. Along recorded chains
(--traces) the history stays as it was recorded: that shows what a controller would have decided, and not what would
have come of it. Controllers that must be shown more than there is are left out, and named. How many chains a second
were played is printed, since no file may differ between equal runs.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.control.registry import Controller, load_controller, make_settings
from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.simulations import LeftOut, Played, ReplayedController, Simulation
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_object, read_json, sha256_file, write_json
from workflow_scripts.simulation.chain_simulation import simulate
from workflow_scripts.simulation.collapse_process import CollapseProcess
from workflow_scripts.simulation.fit_collapse_process import combined_checksum
from workflow_scripts.simulation.operating_characteristics import INTERVAL, characteristics, estimate
from workflow_scripts.simulation.recorded_chains import RecordedChain, group_chains
from workflow_scripts.simulation.replay import replay

SCHEMA = "simulation"
SIMULATED_NEEDS = {"capabilities"}  # what the process shows beside pass rates; recorded traces show nothing


@dataclass(frozen=True)
class Player:
    """A controller under the name and the settings that it plays with."""

    name: str
    controller: Controller
    settings: dict[str, Any]


@dataclass(frozen=True)
class Design:
    """How many campaigns and chains are simulated from which seed, and how they are judged."""

    campaigns: int
    chains: int
    seed: int
    collapse_ratio: float
    alarm_threshold: float
    confidence: float


def play_process(player: Player, process: CollapseProcess, design: Design) -> Played:
    """One controller's operating characteristics, and the curve of its true end pass@1 by campaign."""
    began = time.perf_counter()
    chains = simulate(
        player.controller, player.name, player.settings, process, design.campaigns, design.chains, design.seed
    )
    seconds = time.perf_counter() - began
    sys.stderr.write(f"{player.name}: {design.chains / seconds:.3g} chains of {design.campaigns} campaigns a second\n")
    return {
        "controller": player.name,
        "curve": [estimate(column, design.confidence) for column in chains.true_end.T],
        "characteristics": characteristics(chains, design.collapse_ratio, design.alarm_threshold, design.confidence),
    }


def play_record(player: Player, chains: Sequence[RecordedChain]) -> ReplayedController:
    """One controller's decisions along every recorded chain."""
    decisions = [replay(player.controller, player.name, player.settings, chain) for chain in chains]
    return {"controller": player.name, "chains": decisions}


def split_players(players: Sequence[Player], offered: set[str]) -> tuple[list[Player], list[LeftOut]]:
    """Those that need nothing but traces and what is ``offered``, and who is left out for which need."""
    playing = [player for player in players if not set(player.controller.needs) - offered]
    left_out: list[LeftOut] = [
        {"controller": player.name, "needs": ", ".join(sorted(set(player.controller.needs) - offered))}
        for player in players
        if player not in playing
    ]
    return playing, left_out


def parse_player(text: str) -> Player:
    """``NAME=MODULE:SETTINGS``, the settings a JSON object that holds everything the controller reads."""
    name, equals, rest = text.partition("=")
    module, colon, settings_text = rest.partition(":")
    if not (name and equals and module and colon):
        raise UserError(f"--controllers: {text!r} is not NAME=MODULE:SETTINGS, e.g. A0=a0_naive:{{...}}")
    settings = parse_object(settings_text, f"--controllers: {name}: settings")
    controller = load_controller(module)
    make_settings(controller, settings, {"chain": "", "controller": name, "seed": 0})
    return Player(name, controller, settings)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.simulation.simulate", description=__doc__)
    parser.add_argument("--process", type=Path, help="a process, as fit_collapse_process writes it")
    parser.add_argument("--traces", nargs="+", type=Path, help="trace.json of whole recorded chains")
    parser.add_argument(
        "--controllers", required=True, nargs="+", metavar="NAME=MODULE:SETTINGS", help="settings: a JSON object"
    )
    parser.add_argument("--campaigns", required=True, type=int, help="per simulated chain")
    parser.add_argument("--chains", required=True, type=int, help="simulated per controller")
    parser.add_argument("--seed", required=True, type=int)
    parser.add_argument("--collapse-ratio", required=True, type=float, help="end/peak below it is a collapse")
    parser.add_argument(
        "--alarm-threshold",
        required=True,
        type=float,
        help="a pilot or reject after a true end/peak at or above it is false, where the plan names no threshold",
    )
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument("--output", required=True, type=Path, help="simulation.schema.json")
    arguments = parser.parse_args()
    if arguments.process is None and arguments.traces is None:
        parser.error("give --process, --traces, or both")
    for name in ("campaigns", "chains"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name}: must be at least 1, got {getattr(arguments, name)}")
    return arguments


def main() -> None:
    arguments = _arguments()
    players = [parse_player(text) for text in arguments.controllers]
    if twice := {player.name for player in players if [one.name for one in players].count(player.name) > 1}:
        raise UserError(f"--controllers: {min(twice)}: is given twice")
    design = Design(
        campaigns=arguments.campaigns,
        chains=arguments.chains,
        seed=arguments.seed,
        collapse_ratio=arguments.collapse_ratio,
        alarm_threshold=arguments.alarm_threshold,
        confidence=arguments.confidence,
    )
    result: Simulation = {
        "schema_version": 1,
        "controllers": [
            {
                "controller": player.name,
                "module": player.controller.module,
                "settings": json.dumps(player.settings, sort_keys=True),
            }
            for player in players
        ],
        "simulated": None,
        "replayed": None,
    }
    if arguments.process:
        fitted = read_json(arguments.process, "collapse_process")
        process = CollapseProcess(**fitted["parameters"])
        playing, left_out = split_players(players, SIMULATED_NEEDS)
        result["simulated"] = {
            "process_sha256": sha256_file(arguments.process),
            "parameters": fitted["parameters"],
            "assumed": fitted["assumed"],
            "source": fitted["source"],
            "design": {
                "campaigns": design.campaigns,
                "chains": design.chains,
                "seed": design.seed,
                "collapse_ratio": design.collapse_ratio,
                "alarm_threshold": design.alarm_threshold,
                "confidence": design.confidence,
                "interval": INTERVAL,
            },
            "controllers": [play_process(player, process, design) for player in playing],
            "left_out": left_out,
        }
    if arguments.traces:
        chains = group_chains([read_json(path, "trace") for path in arguments.traces])
        playing, left_out = split_players(players, set())
        result["replayed"] = {
            "traces": len(arguments.traces),
            "inputs_sha256": combined_checksum(arguments.traces),
            "controllers": [play_record(player, chains) for player in playing],
            "left_out": left_out,
        }
    write_json(arguments.output, result, SCHEMA)


if __name__ == "__main__":
    run(main)
