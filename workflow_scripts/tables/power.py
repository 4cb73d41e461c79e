"""How many seeds a paired difference needs, and what few seeds can detect, at a wave's spread between seeds."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import stdev

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.core.files import read_json, write_text
from workflow_scripts.statistics.power_analysis import (
    MOST_PAIRS,
    Simulation,
    detectable_effect,
    paired_t_power,
    pairs_needed,
    sign_flip_floor,
    sign_flip_power,
    spread_interval,
    t_pairs_needed,
)
from workflow_scripts.tables.frame.measures import seed_values
from workflow_scripts.tables.frame.rendering import Panel, to_page

TITLE = "Power: the seeds that a paired difference needs"


@dataclass(frozen=True)
class Questions:
    """Differences in points, powers as fractions, and numbers of seeds."""

    differences: Sequence[float]
    powers: Sequence[float]
    sizes: Sequence[int]


def measured_differences(statistics: Statistics, contrast: str, metric: str) -> list[float]:
    """A metric's paired differences by seed, in points; none where the wave has no such contrast."""
    found = statistics["paired"].get(contrast, {}).get(metric)
    return [100 * entry["value"] for entry in seed_values(found)] if found else []


def seeds_needed(spread: float, questions: Questions, simulation: Simulation) -> pd.DataFrame:
    """A line per difference, a column per test and power."""
    lines = []
    for difference in questions.differences:
        line, effect = {"Difference (points)": f"{difference:g}"}, difference / spread
        by_t = {wanted: t_pairs_needed(effect, wanted, simulation.significance) for wanted in questions.powers}
        for wanted, pairs in by_t.items():
            line[f"paired t, {100 * wanted:g} %"] = _seeds(pairs)
        for wanted, start in by_t.items():
            power = partial(sign_flip_power, effect=effect, simulation=simulation)
            pairs = None if start is None else pairs_needed(power, wanted, start)
            line[f"sign-flip, {100 * wanted:g} %"] = _seeds(pairs)
        lines.append(line)
    return pd.DataFrame(lines)


def detectable(spread: float, questions: Questions, simulation: Simulation) -> pd.DataFrame:
    """A line per number of seeds: the smallest difference in points that each test detects with each power."""
    lines = []
    for n in questions.sizes:
        line = {"Seeds": str(n), "smallest sign-flip p": f"{sign_flip_floor(n):.3g}"}
        tests: dict[str, Callable[[float], float]] = {
            "paired t": partial(paired_t_power, n, significance=simulation.significance),
            "sign-flip": partial(sign_flip_power, n, simulation=simulation),
        }
        for name, power in tests.items():
            for wanted in questions.powers:
                effect = detectable_effect(power, wanted)
                line[f"{name}, {100 * wanted:g} %"] = "none" if effect is None else f"{effect * spread:.1f}"
        lines.append(line)
    return pd.DataFrame(lines)


def build_page(statistics: Statistics, contrast: str, metric: str, questions: Questions, simulation: Simulation) -> str:
    """The page as Markdown; in words why it has no numbers where the wave's differences have no spread."""
    differences = measured_differences(statistics, contrast, metric)
    source = f"the paired differences {contrast} of {metric} in wave {statistics['wave']}"
    if len(differences) < 2 or min(differences) == max(differences):
        reason = f"{len(differences)} of them" if len(differences) < 2 else f"all {len(differences)} are equal"
        return to_page(TITLE, [], [f"Not computed: {source} have no standard deviation ({reason})."])
    spread = stdev(differences)
    low, high = spread_interval(spread, len(differences), 0.95)
    percent = f"{100 * simulation.significance:g} %"
    panels = [
        Panel("Seeds needed, by difference, test and power", seeds_needed(spread, questions, simulation), ""),
        Panel(
            "Smallest difference (points) that is found, by seeds, test and power",
            detectable(spread, questions, simulation),
            "",
        ),
    ]
    notes = [
        f"Spread: {spread:.1f} points, the standard deviation of {source} (chain {statistics['chain']}, testbed "
        f"{statistics['testbed']}, {statistics['model']['name']} as {statistics['model']['role']}). It rests on "
        f"{len(differences)} seeds: its 95 % interval, by chi-square for normal differences, is {low:.1f} to "
        f"{high:.1f} points, and the seeds needed grow with its square.",
        f"All tests are two-sided at {percent}; the unit is the seed, one pair of chains each; differences are taken "
        "as normal around their mean with this spread. Pass rates are bounded, so that large differences are an "
        "extrapolation.",
        "Paired t: by the noncentral t distribution with n - 1 degrees of freedom.",
        f"Sign-flip: the share of {simulation.samples:,} simulated samples with p of at most {percent} (standard error "
        f"at most {0.5 / simulation.samples**0.5:.3f}); over all sign patterns up to 12 seeds, else over "
        f"{simulation.patterns:,} drawn ones. Its smallest p is 2 / 2^n: with fewer than {_fewest(simulation)} seeds "
        f"it cannot reach {percent}, whatever the difference (none).",
        f"Each test is alone here: several tests of a table, adjusted by Holm's method, need more. More than "
        f"{MOST_PAIRS} seeds were not searched.",
    ]
    return to_page(TITLE, panels, notes)


def _fewest(simulation: Simulation) -> int:
    return next(n for n in range(1, MOST_PAIRS) if sign_flip_floor(n) <= simulation.significance)


def _seeds(pairs: int | None) -> str:
    return f"> {MOST_PAIRS}" if pairs is None else str(pairs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.tables.power", description=__doc__)
    parser.add_argument("--statistics", required=True, type=Path, help="a wave's statistics, whose spread counts")
    parser.add_argument("--contrast", required=True, help="of these controllers, e.g. A3-A0")
    parser.add_argument("--metric", required=True, help="of this metric, a fraction, e.g. end_probe")
    parser.add_argument("--differences", required=True, nargs="+", type=float, help="in points, e.g. 5 10 15 20")
    parser.add_argument("--powers", required=True, nargs="+", type=float, help="e.g. 0.8 0.9")
    parser.add_argument("--sizes", required=True, nargs="+", type=int, help="numbers of seeds, e.g. 3 5 10 20")
    parser.add_argument("--significance", required=True, type=float, help="level of the two-sided tests, e.g. 0.05")
    parser.add_argument("--samples", required=True, type=int, help="simulated per power, e.g. 5000")
    parser.add_argument("--patterns", required=True, type=int, help="sign patterns drawn beyond 12 seeds, e.g. 2000")
    parser.add_argument("--seed", required=True, type=int, help="of the random numbers")
    parser.add_argument("--output", required=True, type=Path, help="power.md to write")
    arguments = parser.parse_args()
    for name in ("powers", "significance"):
        given = getattr(arguments, name)
        if wrong := [value for value in (given if isinstance(given, list) else [given]) if not 0 < value < 1]:
            parser.error(f"--{name}: must be between 0 and 1, got {wrong[0]}")
    if min(arguments.differences) <= 0:
        parser.error(f"--differences: must be above 0, got {min(arguments.differences):g}")
    if min(arguments.sizes) < 2:
        parser.error(f"--sizes: must be at least 2, got {min(arguments.sizes)}")
    return arguments


def main() -> None:
    arguments = _arguments()
    questions = Questions(arguments.differences, arguments.powers, arguments.sizes)
    simulation = Simulation(arguments.significance, arguments.samples, arguments.patterns, arguments.seed)
    statistics = read_json(arguments.statistics, "statistics")
    write_text(arguments.output, build_page(statistics, arguments.contrast, arguments.metric, questions, simulation))


if __name__ == "__main__":
    run(main)
