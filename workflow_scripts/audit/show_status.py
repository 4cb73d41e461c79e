"""What runs now, how many campaigns are done, running, failed or waiting, and a line per chain, a cell per campaign.

A number is the pass rate at a campaign's last step, in percent. Chains are those of the configuration's waves; nothing
is computed or written, and a run at work is not disturbed.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence

from workflow_scripts.audit.campaign_states import (
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    WAITING,
    CampaignState,
    ChainSeed,
    all_states,
)
from workflow_scripts.audit.chosen_chains import add_chain_arguments, chosen_chains
from workflow_scripts.core.campaign_folders import campaign_folder
from workflow_scripts.core.cli import run

States = Mapping[ChainSeed, Sequence[CampaignState]]
LEGEND = "38 done at a pass rate of 38 %   >12 running, after step 12   !12 failed   =12 stopped, goes on   . waiting"


def grid(states: States) -> str:
    """What runs now, how many campaigns there are of each kind and what failed; then the chains by campaign."""
    width = max((len(line.title) for line in states), default=0)
    most = max(map(len, states.values()), default=0)
    head = " " * width + "".join(f"{f'c{campaign:02d}':>6}" for campaign in range(1, most + 1))
    lines = [head]
    for line, cells in states.items():
        lines.append(f"{line.title:{width}}" + "".join(f"{_cell(cell):>6}" for cell in cells))
    return "\n".join([*_running(states), _totals(states), *_errors(states), "", *lines, "", LEGEND])


def _cell(cell: CampaignState) -> str:
    step = 0 if cell.step is None else cell.step
    if cell.state == DONE:
        rate = "-" if cell.pass_rate is None else f"{100 * cell.pass_rate:.0f}"
        return rate + ("*" if cell.error else "")
    return {RUNNING: f">{step}", FAILED: f"!{step}", STOPPED: f"={step}", WAITING: "."}[cell.state]


def _campaigns(states: States) -> dict[str, CampaignState]:
    """Every campaign once, by the name of its folder; the first one is one for all controllers."""
    return {
        campaign_folder(line.chain, line.controller, line.seed, campaign): cell
        for line, cells in states.items()
        for campaign, cell in enumerate(cells, start=1)
    }


def _totals(states: States) -> str:
    counted = Counter(cell.state for cell in _campaigns(states).values())
    parts = [f"{counted[state]} {state}" for state in (DONE, RUNNING, FAILED, STOPPED, WAITING) if counted[state]]
    return f"{counted.total()} campaigns: {', '.join(parts)}"


def _running(states: States) -> list[str]:
    """A line for each campaign that runs; seconds are as exact as its holder's heartbeats."""
    lines = []
    for name, cell in _campaigns(states).items():
        if cell.state == RUNNING:
            steps = f" of {cell.steps}" if cell.steps else ""
            rate = "" if cell.pass_rate is None else f", pass rate {100 * cell.pass_rate:.0f} %"
            lines.append(
                f"running  {name}: step {cell.step or 0}{steps}, {cell.seconds or 0:.0f} s{rate}; {cell.holder}"
            )
    return lines or ["nothing runs now"]


def _errors(states: States) -> list[str]:
    cells = ((name, cell) for name, cell in _campaigns(states).items() if cell.error)
    return [f"{'failed  ' if cell.state == FAILED else '*       '} {name}: {cell.error}" for name, cell in cells]


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_chain_arguments(parser)
    return parser.parse_args(words)


def main() -> None:
    arguments = parse_arguments()
    results, chains = chosen_chains(arguments)
    print(grid(all_states(results, chains)))


if __name__ == "__main__":
    run(main)
