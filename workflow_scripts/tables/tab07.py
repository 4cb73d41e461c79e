"""Table 7: gradient steps of a 10-campaign chain, and what they buy, naive against CARE v2 (section 5.7)."""

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import chain_metric, plain_estimate, where_run, with_holm
from workflow_scripts.tables.frame.notes import (
    coverage_note,
    exclusion_notes,
    method_notes,
    published_notes,
    sign_flip_note,
    wave_notes,
)
from workflow_scripts.tables.frame.records import Column, Estimate, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

COLUMNS = (
    Column("total_steps", "Steps", "steps", 1),
    Column("end_pass_rate", "End pass@1 (%)", "percent", 1),
    Column("pass_rate_per_100_steps", "per 100 steps (%)", "percent", 2),
)
DIFFERENCES = (
    Column("total_steps", "Steps", "steps", 1, signed=True),
    Column("end_pass_rate", "End pass@1 (points)", "points", 1, signed=True),
    Column("pass_rate_per_100_steps", "per 100 steps (points)", "points", 2, signed=True),
)
# What a ratio of means says, and the metric whose means it is of.
RATIOS = {"relative_steps": "total_steps", "relative_efficiency": "pass_rate_per_100_steps"}
RELATIVE = (
    Column("relative_steps", "Steps (%)", "percent", 1, signed=True),
    Column("relative_efficiency", "per 100 steps (%)", "percent", 1, signed=True),
)


def relative_change(statistics: Statistics, _row: Row, column: Column) -> Estimate | None:
    """CARE v2's mean over naive's, minus 1, as section 5.7 compares them; None where naive's is 0 or one is missing."""
    naive, care = (statistics["controllers"].get(name, {}).get(RATIOS[column.name]) for name in ("A0", "A3"))
    if naive is None or care is None or not naive["mean"] or care["mean"] is None:
        return None
    return plain_estimate(care["mean"] / naive["mean"] - 1, column, care["n"])


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv, differences and relative changes last, and the finished table."""
    by_wave, published = inputs.by_wave, inputs.published
    *rows, contrast = published.rows
    measured = where_run(by_wave, chain_metric)
    records = build_records(rows, COLUMNS, measured, by_wave)
    differences = with_holm(build_records([contrast], DIFFERENCES, measured, by_wave))
    relative = build_records([contrast], RELATIVE, where_run(by_wave, relative_change), by_wave)
    layout = "l" + r"p{0.2\linewidth}" * 4
    panels = [
        Panel("Per chain", stacked_rows(records, "Method"), layout),
        Panel("Paired difference, seed by seed", stacked_rows(differences, "Contrast"), layout),
        Panel("Change of the mean against naive", stacked_rows(relative, "Contrast"), r"lp{0.24\linewidth}ll"),
    ]
    notes = [
        "Steps: gradient steps of all campaigns of a chain, the shared first one included. End pass@1: mean reward "
        "over the samples of the last step of the last campaign. Per 100 steps: 100 x end pass@1 / steps, chain by "
        "chain; its mean is not the ratio of the other two.",
        "Changes of means have no interval; the paired differences have.",
        "The paper's naive chains have 165 steps, where ten campaigns of 20 are 200; it does not say why.",
        *method_notes(records),
        *sign_flip_note(differences),
        *coverage_note([*records, *differences], inputs.only("coverage")),
        *published_notes(records, published),
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return [*records, *differences, *relative], Table(published.table, published.title, panels, notes)


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
