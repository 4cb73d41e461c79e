"""Table 14: final checkpoints on three held-out sets: Python, C++, and prompts that are not English (section 5.12)."""

from collections.abc import Sequence
from functools import partial

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import Evaluations
from workflow_scripts.statistics.contrasts import EXACT, holm
from workflow_scripts.tables.frame.cells import NOTHING, interval_text, number_text, stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import chain_estimate, checkpoint_estimate
from workflow_scripts.tables.frame.notes import (
    coverage_note,
    method_notes,
    methods_text,
    missing_notes,
    problem_notes,
    published_notes,
)
from workflow_scripts.tables.frame.records import Column, Estimate, Found, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table, to_frame

SPLIT_OF = {"main": "main", "cpp_acc": "cpp", "ood_acc": "ood"}
UNTRAINED = "base/"
COLUMNS = tuple(Column(name, f"{name} (%)") for name in SPLIT_OF)
LAYOUT = r"p{0.13\linewidth}p{0.15\linewidth}p{0.21\linewidth}p{0.2\linewidth}p{0.2\linewidth}"
PAIRS = ("W2 B4-B0", "W3 A3-A0")


def measure(evaluations: Evaluations, row: Row, column: Column) -> Found:
    """pass@1 on the column's split: of a group of final checkpoints ("W3 A0") or an untrained model ("base/32B")."""
    name, split = row.name, SPLIT_OF[column.name]
    if name.startswith(UNTRAINED):
        found = evaluations["checkpoints"].get(name, {}).get(split)
        return f"not run: {name} is not evaluated on {split}" if found is None else checkpoint_estimate(found, column)
    if name not in evaluations["groups"]:
        wave, controller = name.split(" ")
        return f"not run: {controller} of wave {wave} is not declared"
    metric = evaluations["groups"][name]["splits"].get(split, {}).get("pass@1")
    if metric is None or not metric["n"]:
        return f"not run: no final checkpoint of {name} is evaluated on {split}"
    return chain_estimate(metric, column)


def source_text(own: Sequence[Record]) -> str:
    """Where a row is from; where all of it was not run, why."""
    if not any(record.is_measured for record in own):
        return own[0].status
    return f"{own[0].row.name}, {own[0].model or 'no model'} as {own[0].row.role}"


def value_text(record: Record) -> str:
    """Value, interval and n, e.g. "41.5 [31.6, 56.0] (n=3)" or "34.2 [30.0, 38.1] (n=100 problems)"; "-" if not run."""
    if not record.is_measured:
        return NOTHING
    ours = record.ours
    count = f"n={ours.n}" + ("" if ours.unit == "seed" else f" {ours.unit}s")
    return f"{number_text(ours.value, record.column)} {interval_text(ours.interval, record.column)} ({count})"


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    evaluations, published = inputs.only("evaluations"), inputs.published
    records = build_records(published.rows, COLUMNS, partial(measure, evaluations), {}, evaluations["models"])
    names, splits = [row.name for row in published.rows], list(SPLIT_OF.values())
    notes = [
        "pass@1 of a chain's last checkpoint on problems that no campaign sees; each problem weighs the same. "
        "cpp holds main's kind of problem to be solved in C++, ood has prompts that are not English.",
        "A trained row's mean and n are over seeds, one final checkpoint each. An untrained model is one checkpoint: "
        "its n counts problems, and the two kinds of interval do not compare.",
        *method_notes([record for record in records if record.ours.unit != "problem"]),
        *_untrained_notes(records),
        *_contrast_notes(evaluations),
        *coverage_note(records, inputs.only("coverage")),
        *problem_notes(evaluations, names, splits),
        *missing_notes(evaluations, names, splits),
        *_partial_notes(records),
        *published_notes(records, published),
        f"Testbed {evaluations['testbed']}: its models stand in for the paper's, whose values are context, no target.",
    ]
    panel = Panel("pass@1 by split", stacked_rows(records, "Method", source_text, value_text), LAYOUT)
    return records, Table(published.table, published.title, [panel], notes)


def _untrained_notes(records: list[Record]) -> list[str]:
    methods = methods_text(record for record in records if record.ours.unit == "problem")
    return [f"Untrained: {methods}."] if methods else []


def _contrast_notes(evaluations: Evaluations) -> list[str]:
    """Paired differences on main, which the paper reads off two marginal means."""
    notes, points = [], Column("main", "main", "points", signed=True)
    pairs = {name: evaluations["paired"].get(name, {}).get("main") for name in PAIRS}
    found = {name: chain_estimate(pair["contrast"], points) for name, pair in pairs.items() if pair}
    differences = {name: one for name, one in found.items() if isinstance(one, Estimate)}
    adjusted = holm([one.sign_flip.p for one in differences.values() if one.sign_flip.p is not None])
    for (name, difference), p in zip(differences.items(), adjusted, strict=True):
        test = difference.sign_flip
        bounds = interval_text(difference.interval, points)
        notes.append(
            f"{name} on main, seed by seed: {difference.value:+.1f} points "
            f"{'no interval' if difference.interval.low is None else bounds}, n={difference.n}, "
            f"sign-flip p {test.p:.3f} (the smallest attainable: {test.floor:.3f}"
            f"{'' if test.method == EXACT else f'; {test.method}'})"
            f"{f', by Holm over the {len(adjusted)} of this table {p:.3f}' if len(adjusted) > 1 else ''}."
        )
    return notes


def _partial_notes(records: list[Record]) -> list[str]:
    """Why single cells are missing of rows that were run in part; a whole row says it itself."""
    run = {record.row.name for record in records if record.is_measured}
    return [
        f"{record.row.label}, {record.column.name}: {record.status}."
        for record in records
        if not record.is_measured and record.row.name in run
    ]


def main() -> None:
    run_table(__doc__, build, partial(to_frame, left_out=("wave", "chain", "controller")))


if __name__ == "__main__":
    run(main)
