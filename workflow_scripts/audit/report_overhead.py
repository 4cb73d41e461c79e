"""How much of a chain's wall time is not training: by chain, and per campaign, in seconds.

  wall         from the start of the first campaign's plan (on a cluster, from its submission) to the end of the last
               campaign, less the time in which no Snakemake was at work
  training     sampling, grading, probe, update and synchronisation, from each campaign's timing.json
  overhead     wall - training, which is the sum of:
  waiting      nothing of the chain ran: the scheduler, the cluster's queue, jobs of other chains that had the cores,
               evaluations that a controller decides by, attempts that failed
  planning     the controllers' jobs, from Snakemake's benchmark files
  start        an allocation's and a process's start, loading, and their end: a training job's benchmark less
               timing.json's campaign
  checkpoints  states, checkpoints and records: timing.json's campaign less its training
  rest         between a job's benchmark and its start and end as recorded

Start and end of jobs are those of .snakemake/metadata, or, where an allocation of SLURM ran them, of SLURM's logs,
which have whole seconds; when Snakemake was at work is known by its logs in .snakemake/log. Computes nothing else, and
writes nothing. A chain with a record missing, or of which one contradicts another, is left out and named.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.audit.campaign_states import ChainSeed
from workflow_scripts.audit.chain_overhead import Parts, averages
from workflow_scripts.audit.chain_records import Recorder, Unrecorded
from workflow_scripts.audit.chosen_chains import add_chain_arguments, chosen_chains
from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError

COLUMNS = ("wall", "training", "overhead", "waiting", "planning", "start", "checkpoints", "rest")


@dataclass(frozen=True)
class Overhead:
    """Parts of each campaign by chain, campaigns that controllers share once, and why chains were left out."""

    chains: dict[ChainSeed, tuple[Parts, ...]]
    campaigns: dict[str, Parts]
    sources: dict[str, int]
    left_out: dict[ChainSeed, str]
    not_begun: int

    def record(self) -> dict[str, Any]:
        """For machines; all in seconds."""
        return {
            "chains": [
                {**vars(line), "campaigns": len(parts), **sum(parts[1:], parts[0]).record()}
                for line, parts in self.chains.items()
            ],
            "campaigns": {"n": len(self.campaigns), **averages(list(self.campaigns.values()))},
            "sources": self.sources,
            "left_out": [{**vars(line), "reason": reason} for line, reason in self.left_out.items()],
            "not_begun": self.not_begun,
        }


def measure(recorder: Recorder, chains: dict[ChainSeed, int]) -> Overhead:
    """Of these chains, with their numbers of campaigns; raises UserError where not one has all its records."""
    found = Overhead({}, {}, {}, {}, sum(not recorder.has_begun(line) for line in chains))
    for line, count in chains.items():
        if not recorder.has_begun(line):
            continue
        try:
            parts = recorder.chain(line, count)
        except Unrecorded as reason:
            found.left_out[line] = str(reason)
            continue
        found.chains[line] = tuple(parts.values())
        for name in parts.keys() - found.campaigns.keys():
            found.campaigns[name] = parts[name]
            source = recorder.source(name)
            found.sources[source] = found.sources.get(source, 0) + 1
    if not found.chains:
        reasons = [f"{line.title}: {reason}" for line, reason in found.left_out.items()]
        first = reasons[0] if reasons else "no campaign was run"
        raise UserError(
            f"{recorder.results}: of {len(chains)} chains none has all records of its time; {first}. The run that"
            " computes a chain leaves them in its folder: .snakemake, and benchmarks/ and logs/ beside chains/"
        )
    return found


def in_words(found: Overhead) -> str:
    """A line per chain, mean and median per campaign, and what it was measured from."""
    width = max(len(line.title) for line in found.chains)
    head = f"{'seconds':{width}}  campaigns" + "".join(f"{column:>13}" for column in COLUMNS)
    lines = [head]
    for line, parts in found.chains.items():
        lines.append(_row(line.title, width, len(parts), sum(parts[1:], parts[0]).record()))
    lines.append("")
    for name, values in averages(list(found.campaigns.values())).items():
        lines.append(_row(f"per campaign, {name}", width, len(found.campaigns), values))
    total = sum(found.campaigns.values(), Parts(0, 0, 0, 0, 0, 0))
    busy = total.wall - total.waiting
    sources = " and ".join(f"{source} (n={count})" for source, count in sorted(found.sources.items()))
    lines += [
        "",
        f"{100 * total.overhead / total.wall:.0f} % of the wall time of these campaigns is not training"
        f", {100 * (busy - total.training) / busy:.0f} % where waiting is left out on both sides.",
        f"Start and end of jobs: {sources}. Campaigns that chains share are counted once per campaign.",
    ]
    if found.not_begun:
        lines.append(f"{found.not_begun} more chains have no campaign yet.")
    lines += [f"left out  {line.title}: {reason}" for line, reason in found.left_out.items()]
    return "\n".join(lines)


def _row(name: str, width: int, count: int, values: dict[str, float]) -> str:
    return f"{name:{width}}  {count:9}" + "".join(f"{values[column]:13.2f}" for column in COLUMNS)


def parse_arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_chain_arguments(parser)
    parser.add_argument("--json", action="store_true", help="for machines: one JSON object")
    return parser.parse_args(words)


def main() -> None:
    arguments = parse_arguments()
    results, chains = chosen_chains(arguments)
    found = measure(Recorder(results, Path(".snakemake")), chains)
    print(json.dumps(found.record(), indent=1) if arguments.json else in_words(found))


if __name__ == "__main__":
    run(main)
