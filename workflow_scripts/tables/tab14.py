"""Table 14: final checkpoints on three held-out sets: Python, C++, and prompts that are not English (section 5.12)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics.contrasts import EXACT
from workflow_scripts.tables.cell_panels import method_notes, published_notes
from workflow_scripts.tables.cell_records import MEASURED, Column, Record, to_frame
from workflow_scripts.tables.cells import interval_cell
from workflow_scripts.tables.command_line import table_parser, write_outputs
from workflow_scripts.tables.evaluation_records import (
    SPLIT_OF,
    Source,
    build_records,
    missing_notes,
    problem_notes,
    stacked_rows,
)
from workflow_scripts.tables.published_cells import read_published_cells
from workflow_scripts.tables.rendering import Panel, Table

NUMBER = 14
ROWS = (
    Source("W2 B0", "7B", "B0 naive, 3 campaigns"),
    Source("W2 B4", "7B", "B4 CARE v1, 3 campaigns"),
    Source("base/32B", "32B", "untrained, frozen"),
    Source("W3 A0", "7B", "A0 naive, 5 campaigns"),
    Source("W3 A3", "7B", "A3 CARE v2, 5 campaigns"),
)
COLUMNS = (
    Column("main", "main (%)", "percent", 1),
    Column("cpp_acc", "cpp_acc (%)", "percent", 1),
    Column("ood_acc", "ood_acc (%)", "percent", 1),
)
LAYOUT = r"p{0.13\linewidth}p{0.15\linewidth}p{0.21\linewidth}p{0.2\linewidth}p{0.2\linewidth}"
PAIRS = ("W2 B4-B0", "W3 A3-A0")


def build(evaluations: Mapping[str, Any], published: dict[str, Any], source: Path) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    records = build_records(ROWS, COLUMNS, evaluations, published, source)
    names, splits = [row.name for row in ROWS], list(SPLIT_OF.values())
    notes = [
        "pass@1 of a chain's last checkpoint on problems that no campaign sees; each problem weighs the same. "
        "cpp holds main's kind of problem to be solved in C++, ood has prompts that are not English.",
        "A trained row's mean and n are over seeds, one final checkpoint each. An untrained model is one checkpoint: "
        "its n counts problems, and the two kinds of interval do not compare.",
        *method_notes([record for record in records if record["n_unit"] != "problem"]),
        *_untrained_notes(records),
        *_contrast_notes(evaluations),
        *problem_notes(evaluations, names, splits),
        *missing_notes(evaluations, names, splits),
        *_partial_notes(records),
        *published_notes(records, published),
        f"Testbed {evaluations['testbed']}: its models stand in for the paper's, whose values are context, no target.",
    ]
    panel = Panel("pass@1 by split", stacked_rows(records, ROWS, COLUMNS, "Method"), LAYOUT)
    return records, Table(published["table"], published["title"], [panel], notes)


def _untrained_notes(records: list[Record]) -> list[str]:
    methods = {f"{r['method']} ({100 * r['level']:g} %)" for r in records if r["n_unit"] == "problem"}
    return [f"Untrained: {' or '.join(sorted(methods))}."] if methods else []


def _contrast_notes(evaluations: Mapping[str, Any]) -> list[str]:
    """Paired differences on main, which the paper reads off two marginal means."""
    notes = []
    for name in PAIRS:
        found = evaluations["paired"].get(name, {}).get("main")
        if found:
            contrast, test = found["contrast"], found["contrast"]["sign_flip"]
            bootstrap = contrast["intervals"][0]
            bounds = "no interval"
            if bootstrap["low"] is not None:
                low, high = (100 * bootstrap[bound] for bound in ("low", "high"))
                bounds = interval_cell(low, high, signed=True)
            by_draws = "" if test["method"] == EXACT else f"; {test['method']}"
            notes.append(
                f"{name} on main, seed by seed: {100 * contrast['mean']:+.1f} points {bounds}, n={contrast['n']}, "
                f"sign-flip p {test['p_value']:.3f} (the smallest attainable: {test['floor']:.3f}{by_draws})."
            )
    return notes


def _partial_notes(records: list[Record]) -> list[str]:
    """Why single cells are missing of rows that were run in part; a whole row says it itself."""
    run = {record["row"] for record in records if record["status"] == MEASURED}
    return [
        f"{r['label']}, {r['quantity']}: {r['status']}." for r in records if r["status"] != MEASURED and r["row"] in run
    ]


def main() -> None:
    """Load evaluations and the published table, build Table 14, write csv, md and tex."""
    parser = table_parser(__doc__, NUMBER)
    parser.add_argument("--evaluations", required=True, type=Path, help="evaluations.json (summarise_evaluations)")
    arguments = parser.parse_args()
    published = read_published_cells(arguments.published)
    evaluations = read_json(arguments.evaluations, "evaluations")
    records, table = build(evaluations, published, arguments.published)
    write_outputs(arguments, table, to_frame(records))


if __name__ == "__main__":
    run(main)
