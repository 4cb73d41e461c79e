"""Table 11: trajectories of single campaigns under REINFORCE and GRPO, naive chains at 7B (section 5.9)."""

from collections.abc import Sequence

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.tables.frame.cells import by_campaign_text, by_row, measured_text, published_text
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import campaign_metric, plain_estimate, where_run
from workflow_scripts.tables.frame.notes import (
    coverage_note,
    exclusion_notes,
    method_notes,
    published_notes,
    wave_notes,
)
from workflow_scripts.tables.frame.records import Column, Estimate, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

COUNT = Column("n", "campaigns", "campaigns", 0)
METRICS = (
    Column("peak", "mean peak", "fraction", 3),
    Column("end", "mean end", "fraction", 3),
    Column("gap", "mean gap (peak - end)", "fraction", 3),
    Column("gap_above_0.2", "gap above 0.2 (%)", "percent", 0),
    Column("gap_above_0.3", "gap above 0.3 (%)", "percent", 0),
    Column("gap_above_0.5", "gap above 0.5 (%)", "percent", 0),
)
# Not in the paper: the probe's gap has less of the peak's bias.
PROBE = (
    Column("probe_peak", "held out, mean peak", "fraction", 3),
    Column("probe_end", "held out, mean end", "fraction", 3),
    Column("probe_gap", "held out, mean gap", "fraction", 3),
)
CARRYOVER = tuple(Column(f"end_{number}", f"campaign {number}", "fraction", 2) for number in range(1, 11))


def count_campaigns(statistics: Statistics, row: Row, _column: Column) -> Estimate:
    metric = statistics["campaign_metrics"][row.controller or ""]["peak"]
    return Estimate(metric["n"], n=metric["n"], unit="campaign", n_seeds=metric["n_seeds"])


def end_at_position(statistics: Statistics, row: Row, column: Column) -> Estimate | None:
    """The mean end of the campaigns at one position of the chain; None behind the chain's last."""
    number = int(column.name.removeprefix("end_"))
    found = [entry for entry in statistics["carryover"][row.controller or ""] if entry["campaign"] == number]
    return plain_estimate(found[0]["mean_end"], column, found[0]["n"]) if found else None


def transposed(records: Sequence[Record], heading: str) -> pd.DataFrame:
    """One line per metric, a column for each series and beside it the paper's where it has that series."""
    lines = []
    for cells in zip(*by_row(records), strict=True):
        line = {heading: cells[0].column.heading}
        for record in cells:
            line[record.row.label] = measured_text(record)
            if record.row.cells:
                line[f"paper, {record.row.wave}"] = published_text(record)
        lines.append(line)
    return pd.DataFrame(lines)


def by_campaign(records: Sequence[Record]) -> pd.DataFrame:
    """The intervals that take the campaign as the unit."""
    return pd.DataFrame(
        [
            {"Metric": cells[0].column.heading} | {record.row.label: by_campaign_text(record) for record in cells}
            for cells in zip(*by_row(records), strict=True)
        ]
    )


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    by_wave, published = inputs.by_wave, inputs.published
    counts, metrics, carryover = (
        build_records(published.rows, columns, where_run(by_wave, measure), by_wave)
        for columns, measure in (
            ([COUNT], count_campaigns),
            ((*METRICS, *PROBE), campaign_metric),
            (CARRYOVER, end_at_position),
        )
    )
    both = [*counts, *metrics]
    per_row = [record for row in published.rows for record in both if record.row == row]
    panels = [
        Panel(
            "Means over campaigns",
            transposed(per_row, "Metric"),
            r"p{0.13\linewidth}" + r"p{0.13\linewidth}r" * 2 + r"p{0.13\linewidth}" * 2 + "r",
        ),
        Panel("Intervals with campaigns as the unit, as in the paper", by_campaign(metrics), "lllll"),
        Panel("Mean end by position in the chain", transposed(carryover, "Position"), "lrrrrrrr"),
    ]
    notes = [
        "Peak, end, gap: of the pass rates of one campaign's steps; gap above x: share of the campaigns whose gap is "
        "larger. The first campaign is shared and counts once per seed. Held out: the same of the fixed probe.",
        "A peak is the largest of many noisy steps, so that a gap appears without any collapse. NULL, which is not "
        "in the paper, has learning rate 0 from campaign 2 on: its gap is that bias.",
        *sorted({f"{record.row.label}: {record.status}." for record in counts if record.status.startswith("not")}),
        *method_notes(metrics),
        *coverage_note(metrics, inputs.only("coverage")),
        *published_notes(both, published),
        "The paper counts 47 traces under REINFORCE; Table 16 explains 47 of 50 by undefined scores. Its mean end "
        "at position 10 is 0.15, where Table 6 has 11.8 % over five chains.",
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return [*both, *carryover], Table(published.table, published.title, panels, notes)


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
