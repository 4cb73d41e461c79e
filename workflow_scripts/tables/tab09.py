"""Table 9: what simulated oracles and the deployed early stop reach, beside the paper's numbers (section 5.8)."""

from collections.abc import Sequence

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.cells import NOTHING
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.estimates import (
    END_DEFINITION,
    VALUE,
    Estimates,
    Marks,
    count_cell,
    published_cell,
    value_cells,
)
from workflow_scripts.tables.frame.measures import chain_estimate, find_metric
from workflow_scripts.tables.frame.records import Column, Found, Record, Row
from workflow_scripts.tables.frame.rendering import Panel

# The deployed rule is no oracle of itself, and its steps are those that it ran (Table 9's caption).
DEPLOYED = {"oracle_end": None, "oracle_steps": "total_steps"}


def measure(inputs: Inputs, row: Row, column: Column) -> Found:
    """The row's metric; the deployed rule has its own."""
    key = DEPLOYED.get(column.name, column.name) if row.controller == "ES" else column.name
    return "not applicable" if key is None else chain_estimate(find_metric(inputs.by_wave, row, key), column)


def side_by_side(estimates: Sequence[Record], marks: Marks) -> Panel:
    """One line per row with every quantity's mean and bootstrap interval, and one of the paper's below it."""
    rows = []
    for row in dict.fromkeys(record.row.label for record in estimates):
        mine = [record for record in estimates if record.row.label == row]
        ours, paper = {"Method": row, "": "ours"}, {"Method": "", "": "paper"}
        for record in mine:
            repeated = not record.is_measured and record.status in ours.values()
            ours[record.column.heading] = NOTHING if repeated else value_cells(record)[VALUE]
            paper[record.column.heading] = published_cell(record, marks)
        ours["n"] = next((count_cell(record) for record in mine if record.is_measured), NOTHING)
        rows += [ours, paper | {"n": ""}]
    layout = r"ll" + r"p{0.13\linewidth}" * len(TABLE.columns) + "l"
    return Panel("Mean over seeds [bootstrap interval]", pd.DataFrame(rows), layout)


TABLE = Estimates(
    columns=(
        Column("end_pass_rate", "Achieved (%)", short="achieved"),
        Column("end_probe", "Achieved, held-out (%)", short="achieved on held-out problems"),
        Column("oracle_end", "Trace oracle (%)", short="trace oracle"),
        Column("oracle_steps", "Steps", "steps", short="oracle's steps"),
        Column("hindsight", "Hindsight (%)", short="hindsight"),
    ),
    measure=measure,
    definitions=(
        f"Achieved: end pass@1. {END_DEFINITION}",
        "Trace oracle: the early-stop rule of section 5.8, with the settings under statistics in config.yaml, applied "
        "afterwards to the chain's traces: its running peak where it stops. Steps: what it would have run, summed over "
        "the chain; ES is that rule at work, so its steps are those that it ran and it has no oracle of itself.",
        "Hindsight: the highest pass rate of any step of any campaign of the chain, a maximum of noisy values and so "
        "above what its checkpoint would score again.",
    ),
    one_panel=side_by_side,
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
