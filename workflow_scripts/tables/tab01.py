"""Table 1: start, peak and end of three chained 50-step campaigns, without and with a KL term (section 5.2)."""

from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import plain_estimate, where_run
from workflow_scripts.tables.frame.notes import exclusion_notes, published_notes, wave_notes
from workflow_scripts.tables.frame.records import Column, Estimate, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

CAMPAIGNS = (1, 2, 3)
# A column's name is a field of a campaign and the campaign's number.
COLUMNS = tuple(
    Column(f"{field}_{number}", f"C{number} {field}", "fraction", 2)
    for number in CAMPAIGNS
    for field in ("start", "peak", "end")
)
PROBE_COLUMNS = tuple(
    Column(f"probe_{which}_{number}", f"C{number} {which}", "fraction", 2)
    for number in CAMPAIGNS
    for which in ("first", "last")
)


def measure(statistics: Statistics, row: Row, column: Column) -> Estimate:
    """The campaign's value, its mean where the wave has several seeds."""
    name, _, number = column.name.rpartition("_")
    found = [values[name] for values in _campaigns(statistics, row, int(number)) if name in values]
    return plain_estimate(sum(found) / len(found) if found else None, column, len(found))


def _campaigns(statistics: Statistics, row: Row, number: int) -> list[dict[str, Any]]:
    """Each seed's campaign of this number, with the first and last value of its held-out probe where it has one."""
    key = (row.controller, number)
    probes = {
        trajectory["seed"]: sorted(trajectory["probe"])
        for trajectory in statistics["trajectories"]
        if (trajectory["controller"], trajectory["campaign"]) == key
    }
    own = [one for one in statistics["campaigns"] if (one["controller"], one["campaign"]) == key]
    return [
        one | ({"probe_first": probe[0][1], "probe_last": probe[-1][1]} if (probe := probes[one["seed"]]) else {})
        for one in own
    ]


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv, the held-out probe last, and the finished table."""
    by_wave, published = inputs.by_wave, inputs.published
    found = where_run(by_wave, measure)
    records, probe = (build_records(published.rows, columns, found, by_wave) for columns in (COLUMNS, PROBE_COLUMNS))
    panels = [
        Panel("Pass rate (fraction)", stacked_rows(records, "Method"), r"lp{0.13\linewidth}" + "r" * 9),
        Panel("pass@1 on held-out problems (fraction)", stacked_rows(probe, "Method"), r"lp{0.2\linewidth}" + "r" * 6),
    ]
    notes = [
        "Start, peak, end: mean reward over the samples of the first, the best and the last step of a campaign; C1 "
        "to C3 are the campaigns. Held-out problems: the first and the last measurement of the fixed probe in a "
        "campaign.",
        *[_wave_note(wave, statistics) for wave, statistics in by_wave.items()],
        "No interval: one chain per method, so that nothing here separates the methods from chance. The paper "
        "states no number of seeds.",
        *published_notes(records, published),
        "The paper's table has three campaigns where section 5.2 speaks of two.",
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return records + probe, Table(published.table, published.title, panels, notes)


def _wave_note(wave: str, statistics: Statistics) -> str:
    """Seeds, KL coefficients and the steps where the probe was measured, as they were run."""
    rows = statistics["campaigns"]
    seeds = ", ".join(map(str, sorted({row["seed"] for row in rows}))) or "none"
    coefficients = {row["campaign"]: row["kl_coefficient"] for row in rows}
    steps = sorted({step for trajectory in statistics["trajectories"] for step, _ in trajectory["probe"]})
    measured = f"; probe at steps {', '.join(f'{step:g}' for step in steps)}" if steps else "; no probe"
    return (
        f"{wave}: seed {seeds}; KL coefficient {', '.join(f'{value:g}' for _, value in sorted(coefficients.items()))}"
        f" by campaign{measured}."
    )


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
