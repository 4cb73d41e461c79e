"""Summarise the measurement itself: rollouts and peaks that were measured again, stationarity, and chance in gaps."""

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.evaluated import GradedProblem
from workflow_scripts.core.contracts.experiments import HeldOut
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.measurement import Chosen, Measurements, identity, summarise
from workflow_scripts.statistics.measurement.resampled_peaks import Resampled
from workflow_scripts.statistics.measurement.stationarity import Passes, count_passes

_GRADES = re.compile(
    r"(?:.*/)?(?P<controller>[^/]+)/s(?P<seed>\d+)/c\d+-(?P<at>peak|end)/(?P<split>[a-z]+)\.grades\.json"
)
_ROLLOUTS = re.compile(r"(?:.*/)?s(?P<seed>\d+)/c\d+/rollouts\.parquet")


def read_resampled(paths: Sequence[str]) -> tuple[Resampled, HeldOut]:
    """Grades of checkpoints, keyed by what their path says, and what all of them asked."""
    found: dict[tuple[str, int, str], Sequence[GradedProblem]] = {}
    asked: set[tuple[str, int, int]] = set()
    for path in paths:
        named = _GRADES.fullmatch(path)
        if named is None:
            raise UserError(f"--grades: {path}: is not CONTROLLER/sSEED/cNN-peak (or -end)/SPLIT.grades.json")
        problems = read_json(path, "grades")["problems"]
        found[named["controller"], int(named["seed"]), named["at"]] = problems
        asked.add((named["split"], len(problems), min((one["n"] for one in problems), default=0)))
    if len(asked) != 1:
        raise UserError(f"--grades: evaluations differ in split, problems or samples: {sorted(asked)}")
    split, problems, samples = asked.pop()
    return found, {"split": split, "n_problems": problems, "samples_per_problem": samples}


def read_passes(paths: Iterable[str]) -> Passes:
    """By seed, how often each problem was passed in the rollouts of standing chains."""
    rows: dict[int, list[tuple[str, int]]] = {}
    for path in paths:
        named = _ROLLOUTS.fullmatch(path)
        if named is None:
            raise UserError(f"--rollouts: {path}: is not sSEED/cNN/rollouts.parquet")
        frame = pd.read_parquet(path, columns=["problem", "reward"])
        rows.setdefault(int(named["seed"]), []).extend(zip(frame["problem"], frame["reward"].astype(int), strict=True))
    return {seed: count_passes(of_seed) for seed, of_seed in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.statistics.measurement.summarise_measurement", description=__doc__
    )
    parser.add_argument("--wave", required=True, help="the wave that is measured, e.g. W4")
    parser.add_argument("--controllers", required=True, nargs="+", help="whose chains are measured, e.g. A0 A3")
    parser.add_argument("--still", required=True, help="whose chains learn nothing after the first campaign, e.g. NULL")
    parser.add_argument("--seeds", required=True, nargs="+", type=int)
    parser.add_argument("--campaigns", required=True, type=int, help="campaigns per chain")
    parser.add_argument("--traces", required=True, nargs="+", help="trace.json files, the shared first ones once")
    parser.add_argument("--regraded", required=True, help="rollouts of the controllers graded again")
    parser.add_argument("--rollouts", required=True, nargs="+", help="rollouts.parquet of the still controller")
    parser.add_argument("--grades", required=True, nargs="+", help="of peak and end of each last campaign")
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument("--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n")
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    traces: dict[str, Trace] = {path: read_json(path, "trace") for path in arguments.traces}
    folders = {Path(path).parent: identity(trace) for path, trace in traces.items()}
    regraded = read_json(arguments.regraded, "regraded")
    rates = {
        folders[folder]: rates
        for path, rates in regraded["pass_rates"].items()
        if (folder := Path(path).parent) in folders
    }
    resampled, probe = read_resampled(arguments.grades)
    found = summarise(
        Chosen(arguments.wave, arguments.controllers, arguments.still, arguments.seeds, arguments.campaigns),
        list(traces.values()),
        Measurements(regraded, rates, read_passes(arguments.rollouts), resampled, probe),
        Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples),
    )
    read = [*arguments.traces, arguments.regraded, *arguments.rollouts, *arguments.grades]
    write_json(arguments.output, {**found, "inputs": {path: sha256_file(path) for path in read}}, "measurement")


if __name__ == "__main__":
    run(main)
