"""How far each campaign is: from its trace, the end of its log, and the lease of its folder."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.core.campaign_folders import campaign_folder
from workflow_scripts.core.configuration import chain_name, seeds_of
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.training.resumption.lease import BEAT_SECONDS, current_holder
from workflow_scripts.training.resumption.lease_holder import Holder, is_gone, this_process

DONE, RUNNING, FAILED, STOPPED, WAITING = "done", "running", "failed", "stopped", "waiting"
_STEP = re.compile(r"^step (\d+): pass rate ([\d.]+)")
# A campaign's own errors are one line; a defect ends a traceback; SLURM says why it ended a job.
_ERROR = re.compile(r"^(\S+: )?error: |^(Traceback \(most recent call last\):)|^\w*(Error|Exception|Interrupt)\b")
_TAIL_BYTES = 16_384


@dataclass(frozen=True, order=True)
class ChainSeed:
    """A chain's campaigns under one controller and seed."""

    chain: str
    controller: str
    seed: int

    @property
    def title(self) -> str:
        """What a person is shown."""
        return f"{self.chain} {self.controller} s{self.seed}"


@dataclass(frozen=True)
class CampaignState:
    """``pass_rate``: the last one known; ``step``: the last one trained. ``error``: the first line of what failed.

    Of one that runs: ``steps`` of its plan, ``holder`` of its lease, and the ``seconds`` that it has held it.
    """

    state: str
    pass_rate: float | None = None
    step: int | None = None
    error: str | None = None
    holder: str | None = None
    steps: int | None = None
    seconds: float | None = None


def declared_chains(config: dict[str, Any], waves: list[str]) -> dict[ChainSeed, int]:
    """The chains of these waves, sorted and each once, and how many campaigns they have."""
    found: dict[ChainSeed, int] = {}
    for name in waves:
        declared = config["waves"][name]
        for controller in declared["controllers"]:
            for seed in seeds_of(config, name):
                line = ChainSeed(chain_name(config, declared), controller, seed)
                found[line] = max(found.get(line, 0), declared["campaigns"])
    return dict(sorted(found.items()))


def campaign_state(results: Path, line: ChainSeed, campaign: int, here: Holder) -> CampaignState:
    """Of one campaign below ``results`` (``results/{testbed}``); the first is one for all controllers.

    ``here``: a process of this host, by which it can tell whether a lease's holder still runs.
    """
    place = Path(campaign_folder(line.chain, line.controller, line.seed, campaign))
    folder, log = results / place, (results / "logs" / place).with_suffix(".log")
    trace = folder / "trace.json"
    if trace.exists():
        try:
            return _finished(read_json(trace))
        except (KeyError, TypeError):
            raise UserError(f"{trace}: is no trace; was it written by train_campaign?") from None
    step, pass_rate, error = read_log(log)
    holder = current_holder(folder)
    if holder is not None and not holder.is_over and not is_gone(holder, here):
        steps, seconds = planned_steps(folder / "plan.json"), holder.beats * BEAT_SECONDS
        return CampaignState(RUNNING, pass_rate, step, holder=str(holder), steps=steps, seconds=seconds)
    if error is not None:
        return CampaignState(FAILED, pass_rate, step, error=f"{log}: {error}")
    return CampaignState(WAITING if holder is None and step is None else STOPPED, pass_rate, step)


def all_states(results: Path, chains: dict[ChainSeed, int]) -> dict[ChainSeed, list[CampaignState]]:
    """Every campaign of these chains, in order."""
    here = this_process("", "")
    return {
        line: [campaign_state(results, line, campaign, here) for campaign in range(1, count + 1)]
        for line, count in chains.items()
    }


def planned_steps(plan: Path) -> int | None:
    """The steps that a campaign may take; None where its plan cannot be read, as while it is made again."""
    with suppress(OSError, KeyError, ValueError, TypeError):
        return int(read_json(plan)["max_steps"])
    return None


def read_log(path: Path) -> tuple[int | None, float | None, str | None]:
    """The last step and its pass rate, and the first line of an error after it, from the end of a campaign's log."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return None, None, None
    step, pass_rate, after = None, None, list[str]()
    for line in lines:
        if found := _STEP.match(line):
            step, pass_rate, after = int(found[1]), float(found[2]), []
        else:
            after.append(line)
    return step, pass_rate, _first_error(after)


def _first_error(lines: list[str]) -> str | None:
    """The first error, of a traceback the line that says what happened."""
    for place, line in enumerate(lines):
        if found := _ERROR.match(line):
            if not found[2]:
                return line
            ends = (later for later in lines[place + 1 :] if later and not later.startswith((" ", "\t")))
            return next(ends, line)
    return None


def _finished(trace: Trace) -> CampaignState:
    """A campaign whose loss stopped being finite is over too, and says so."""
    steps = trace["steps"]
    rate = steps[-1]["CodeGrader/pass_rate/mean"] if steps else None
    error = None if trace["status"] == "completed" else trace["status"]
    return CampaignState(DONE, rate, len(steps), error=error)
