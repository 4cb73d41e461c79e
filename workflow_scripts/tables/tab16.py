"""Table 16: how single campaigns of the 7B main chains fail: cliff, onset and steps left after it (section 6)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import campaign_metric, where_run
from workflow_scripts.tables.frame.notes import (
    coverage_note,
    exclusion_notes,
    method_notes,
    published_notes,
    wave_notes,
)
from workflow_scripts.tables.frame.records import Column, Record, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

COLUMNS = (
    Column("phase_transition", "Phase-transition score", "score", 2),
    Column("onset", "Onset (step)", "steps", 1),
    Column("latency", "Latency (steps)", "steps", 1),
)


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    by_wave, published = inputs.by_wave, inputs.published
    records = build_records(published.rows, COLUMNS, where_run(by_wave, campaign_metric), by_wave)
    panels = [Panel("Means over campaigns", stacked_rows(records, "Method"), "l" + r"p{0.2\linewidth}" * 4)]
    notes = [
        "Phase-transition score: largest drop from one step to the next after the peak, over peak - end; 1 is a "
        "single cliff, more than 1 a campaign that recovers in part, undefined where the gap is 0. Onset: first "
        "step after the peak below the collapse ratio (the paper's is 0.3) times the peak, undefined where there is "
        "none. Latency: steps of the campaign behind its onset.",
        "n counts the campaigns where the quantity is defined; the paper's 47 are the same for all three, so that "
        "an onset would have been found in every campaign with a gap. The first campaign is shared and counts for "
        "each controller.",
        "NULL is not in the paper: its learning rate is 0 from campaign 2 on. What it shows is the noise of single "
        "steps.",
        *method_notes(records),
        *coverage_note(records, inputs.only("coverage")),
        *published_notes(records, published),
        *wave_notes(by_wave),
        *exclusion_notes(by_wave),
    ]
    return records, Table(published.table, published.title, panels, notes)


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
