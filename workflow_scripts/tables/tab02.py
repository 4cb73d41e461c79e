"""Table 2: a 20-step campaign from three checkpoints of the diagnostic run (section 5.2)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import plain_estimate, where_run
from workflow_scripts.tables.frame.notes import exclusion_notes, published_notes, wave_notes
from workflow_scripts.tables.frame.records import ByWave, Column, Estimate, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

DIAGNOSTIC = "W0"
COLUMNS = (
    Column("start", "Start", "fraction", 2),
    Column("end", "End", "fraction", 2),
    Column("average", "Average", "fraction", 2),
    Column("outcome", "Outcome", "words", 0),
)
PROBE_COLUMNS = (
    Column("probe_first", "Start, held out", "fraction", 2),
    Column("probe_last", "End, held out", "fraction", 2),
)
DIAGNOSTIC_COLUMNS = (
    Column("start", "Start", "fraction", 2),
    Column("peak", "Peak", "fraction", 2),
    Column("end", "End", "fraction", 2),
)


def outcome_of(start: float, end: float, peak: float, collapse_ratio: float) -> str:
    """The outcome in words, from pass rates: the campaign's first and last, and the diagnostic run's highest.

    On the paper's numbers it gives the paper's three outcomes.
    """
    if end == 0 or end < collapse_ratio * start:
        return "cannot recover"
    if end < start:
        return "declines"
    return "maintains and improves" if end >= peak else "partial recovery"


def measure(by_wave: ByWave, collapse_ratio: float, statistics: Statistics, row: Row, column: Column) -> Estimate:
    """The campaign's value, its mean where the wave has several seeds; the outcome from the diagnostic run's peak."""
    if column.name != "outcome":
        return mean_over_seeds(statistics, row, column)
    peak = _mean(_values(by_wave[DIAGNOSTIC], row, "peak")) if DIAGNOSTIC in by_wave else None
    ends = _values(statistics, row, "end")
    start, end = _mean(_values(statistics, row, "start")), _mean(ends)
    words = None
    if start is not None and end is not None and peak is not None:
        words = outcome_of(start, end, peak, collapse_ratio)
    return Estimate(text=words, n=len(ends), unit="seed", n_seeds=len(ends))


def mean_over_seeds(statistics: Statistics, row: Row, column: Column) -> Estimate:
    values = _values(statistics, row, column.name)
    return plain_estimate(_mean(values), column, len(values))


def _values(statistics: Statistics, row: Row, name: str) -> list[float]:
    """By seed: a field of the one campaign, the average of its pass rates, or its probe's first or last value."""
    if name in ("start", "peak", "end"):
        campaigns: Sequence[Mapping[str, Any]] = statistics["campaigns"]
        return [campaign[name] for campaign in campaigns if campaign["controller"] == row.controller]
    own = [trajectory for trajectory in statistics["trajectories"] if trajectory["controller"] == row.controller]
    if name == "average":
        return [sum(rates) / len(rates) for rates in (trajectory["pass_rates"] for trajectory in own)]
    position = {"probe_first": 0, "probe_last": -1}[name]
    return [sorted(trajectory["probe"])[position][1] for trajectory in own if trajectory["probe"]]


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv, the held-out probe and the diagnostic run last, and the finished table."""
    by_wave, published, collapse_ratio = inputs.by_wave, inputs.published, inputs.settings["collapse_ratio"]
    continued = where_run(by_wave, partial(measure, by_wave, collapse_ratio))
    *rows, diagnostic = published.rows
    records = build_records(rows, (*COLUMNS, *PROBE_COLUMNS), continued, by_wave)
    reference = build_records([diagnostic], DIAGNOSTIC_COLUMNS, where_run(by_wave, mean_over_seeds), by_wave)
    panels = [
        Panel("Pass rates of the campaign (fraction)", stacked_rows(records, "Start from"), r"lp{0.2\linewidth}rrrlrr"),
        Panel("The run that the checkpoints are of", stacked_rows(reference, "Run"), r"lp{0.2\linewidth}rrr"),
    ]
    notes = [
        "Start, end: mean reward over the samples of the first and the last step; average: over all steps. Held "
        "out: the fixed probe before the first step, and at its last measurement.",
        f"Outcome: cannot recover where end is 0 or below {collapse_ratio:g} x start; else declines where end is below "
        "start; else partial recovery where end is below the diagnostic run's peak; else maintains and improves. "
        "The rule is ours and agrees with the paper's words on the paper's numbers; the peak is the largest of many "
        "noisy steps.",
        *_diagnostic_note(by_wave),
        "No interval: one campaign per checkpoint, so that nothing here separates the checkpoints from chance.",
        *published_notes([*records, *reference], published),
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return [*records, *reference], Table(published.table, published.title, panels, notes)


def _diagnostic_note(by_wave: ByWave) -> list[str]:
    """Where the three checkpoints lie on our diagnostic run, whose peak need not be where the paper's was."""
    if DIAGNOSTIC not in by_wave:
        return [f"Without wave {DIAGNOSTIC} there is no peak to compare with, and no outcome."]
    rows = [row for row in by_wave[DIAGNOSTIC]["campaigns"] if row["controller"] == "A0"]
    return [
        f"{DIAGNOSTIC}, seed {row['seed']}: peak {row['peak']:.2f} at step {row['peak_step']} of {row['steps']}, end "
        f"{row['end']:.2f}. The checkpoints are the paper's steps, not that peak."
        for row in rows
    ]


def main() -> None:
    run_table(__doc__, build, collapse_ratio=float)


if __name__ == "__main__":
    run(main)
