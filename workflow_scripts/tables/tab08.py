"""Table 8: how many campaigns of a 10-campaign chain collapse, naive against CARE v2 (section 5.7)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import chain_metric, where_run, with_holm
from workflow_scripts.tables.frame.notes import (
    coverage_note,
    exclusion_notes,
    method_notes,
    published_notes,
    sign_flip_note,
    wave_notes,
)
from workflow_scripts.tables.frame.records import Column, Record, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

COLUMNS = (
    Column("collapses", "Collapses per chain", "campaigns", 2),
    Column("any_collapse", "Chains with a collapse (%)", "percent", 0),
)
DIFFERENCES = (
    Column("collapses", "Collapses per chain", "campaigns", 2, signed=True),
    Column("any_collapse", "Chains with a collapse (points)", "points", 0, signed=True),
)


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv, differences last, and the finished table."""
    by_wave, published = inputs.by_wave, inputs.published
    *rows, contrast = published.rows
    measured = where_run(by_wave, chain_metric)
    records = build_records(rows, COLUMNS, measured, by_wave)
    differences = with_holm(build_records([contrast], DIFFERENCES, measured, by_wave))
    layout = r"lp{0.24\linewidth}ll"
    panels = [
        Panel("Per chain", stacked_rows(records, "Method"), layout),
        Panel("Paired difference, seed by seed", stacked_rows(differences, "Contrast"), layout),
    ]
    notes = [
        "A campaign collapses if end / peak is below the collapse ratio (the paper's is 0.3); one whose peak is 0 "
        "never rose and does not. The first campaign is shared by all controllers and counts for each.",
        "NULL is not in the paper: its learning rate is 0 from campaign 2 on, so that end / peak shows nothing but the "
        "noise of single steps there.",
        *method_notes(records),
        *sign_flip_note(differences),
        *coverage_note([*records, *differences], inputs.only("coverage")),
        *published_notes(records, published),
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return records + differences, Table(published.table, published.title, panels, notes)


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
