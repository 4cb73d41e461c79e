"""Which campaigns are done, running, failed or waiting: a line per chain and seed, a cell per campaign.

A number is the pass rate at a campaign's last step, in percent. Chains are those of the configuration's waves; nothing
is computed or written, and a run at work is not disturbed.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from workflow_scripts.audit.campaign_states import (
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    WAITING,
    CampaignState,
    ChainSeed,
    all_states,
    declared_chains,
)
from workflow_scripts.core.cli import run
from workflow_scripts.core.configuration import nearest, validate_configuration, wave
from workflow_scripts.core.errors import UserError

States = Mapping[ChainSeed, Sequence[CampaignState]]
LEGEND = "38 done at a pass rate of 38 %   >12 running, after step 12   !12 failed   =12 stopped, goes on   . waiting"


def grid(states: States) -> str:
    """The chains by campaign, then how many there are of each kind, what failed and who is running."""
    width = max((len(_title(line)) for line in states), default=0)
    most = max(map(len, states.values()), default=0)
    head = " " * width + "".join(f"{f'c{campaign:02d}':>6}" for campaign in range(1, most + 1))
    lines = [head]
    for line, cells in states.items():
        lines.append(f"{_title(line):{width}}" + "".join(f"{_cell(cell):>6}" for cell in cells))
    return "\n".join([*lines, "", LEGEND, _totals(states), *_remarks(states)])


def _title(line: ChainSeed) -> str:
    return f"{line.chain} {line.controller} s{line.seed}"


def _cell(cell: CampaignState) -> str:
    step = 0 if cell.step is None else cell.step
    if cell.state == DONE:
        rate = "-" if cell.pass_rate is None else f"{100 * cell.pass_rate:.0f}"
        return rate + ("*" if cell.error else "")
    return {RUNNING: f">{step}", FAILED: f"!{step}", STOPPED: f"={step}", WAITING: "."}[cell.state]


def _campaigns(states: States) -> dict[str, CampaignState]:
    """Every campaign once, by the name of its folder; the first one is one for all controllers."""
    return {
        f"{line.chain}/{line.controller if campaign > 1 else 'first'}/s{line.seed}/c{campaign:02d}": cell
        for line, cells in states.items()
        for campaign, cell in enumerate(cells, start=1)
    }


def _totals(states: States) -> str:
    counted = Counter(cell.state for cell in _campaigns(states).values())
    parts = [f"{counted[state]} {state}" for state in (DONE, RUNNING, FAILED, STOPPED, WAITING) if counted[state]]
    return f"{counted.total()} campaigns: {', '.join(parts)}"


def _remarks(states: States) -> list[str]:
    remarks = []
    for name, cell in _campaigns(states).items():
        if cell.state == RUNNING:
            rate = "" if cell.pass_rate is None else f", pass rate {cell.pass_rate:.3f}"
            remarks.append(f"running  {name}: {cell.holder}{rate}")
        elif cell.error:
            remarks.append(f"{'failed  ' if cell.state == FAILED else '*       '} {name}: {cell.error}")
    return ["", *remarks] if remarks else []


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--testbed", help="default: the configuration's")
    parser.add_argument("--wave", nargs="+", default=[], help="only these waves' chains, such as W4 (default: all)")
    parser.add_argument("--configuration", type=Path, default=Path("config.yaml"), help="default: config.yaml")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse_arguments()
    config = yaml.safe_load(arguments.configuration.read_text(encoding="utf-8"))
    validate_configuration(config, str(arguments.configuration))
    testbed = arguments.testbed or config["testbed"]
    if testbed not in config["testbeds"]:
        raise UserError(f"--testbed: {testbed!r} is not declared; {nearest(testbed, config['testbeds'])}")
    for name in arguments.wave:
        wave(config, name)
    chains = declared_chains(config, arguments.wave or list(config["waves"]))
    print(grid(all_states(Path("results", testbed), chains)))


if __name__ == "__main__":
    run(main)
