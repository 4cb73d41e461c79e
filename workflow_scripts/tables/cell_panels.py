"""Records of cells as a table's panels and notes: ours above the paper's, row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workflow_scripts.tables.cell_records import (
    MEASURED,
    Column,
    Record,
    Row,
    by_campaign_text,
    measured_text,
    published_text,
)
from workflow_scripts.tables.cells import p_value_cell

BY_CAMPAIGN = "campaigns as the unit"
PAPER = "paper"


def index_cells(records: Sequence[Record]) -> Mapping[tuple[str, str], Record]:
    """The records by row and quantity."""
    return {(record["row"], record["quantity"]): record for record in records}


def stacked_rows(
    records: Sequence[Record], rows: Sequence[Row], columns: Sequence[Column], heading: str
) -> pd.DataFrame:
    """Up to three lines per row: ours, the intervals with campaigns as the unit, and the paper's.

    A row that was not run says why in the column "Source".
    """
    cells = index_cells(records)
    lines = []
    for row in rows:
        own = [(column, cells[row.name, column.name]) for column in columns]
        lines.append(
            {heading: row.label, "Source": source_text(own[0][1])} | {c.heading: measured_text(r, c) for c, r in own}
        )
        if any(record["campaign_method"] for _, record in own):
            lines.append({heading: "", "Source": BY_CAMPAIGN} | {c.heading: by_campaign_text(r, c) for c, r in own})
        if any(is_printed(record) for _, record in own):
            lines.append({heading: "", "Source": PAPER} | {c.heading: published_text(r, c) for c, r in own})
    return pd.DataFrame(lines)


def source_text(record: Record) -> str:
    """Wave and real model beside the role that it has, e.g. "W4, tiny-qwen2-355k as 7B"; why there is none."""
    if record["status"].startswith("not run"):
        return str(record["status"])
    return f"{record['wave']}, {record['model']} as {record['role']}"


def sign_flip_note(records: Sequence[Record]) -> list[str]:
    """The sign-flip tests of paired differences, in one sentence; none where nothing was paired."""
    tests = [
        f"{r['quantity']} {p_value_cell(r['sign_flip_p'], r['sign_flip_floor'])}"
        for r in records
        if r["status"] == MEASURED and r["sign_flip_p"] is not None
    ]
    if not tests:
        return []
    methods = " or ".join(sorted({r["sign_flip_method"] for r in records if r["sign_flip_method"]}))
    what = f"{methods[0].upper()}{methods[1:]} of the differences"
    return [f"{what}, p and the smallest p attainable: {', '.join(tests)}."]


def is_printed(record: Record) -> bool:
    """Whether the paper prints anything in this cell."""
    return record["published_value"] is not None or record["published_printed"] is not None


def method_notes(records: Sequence[Record]) -> list[str]:
    """The intervals' methods, levels and units, and why single ones are missing."""
    found = [record for record in records if record["status"] == MEASURED and record["method"]]
    methods = sorted({f"{record['method']} ({100 * record['level']:g} %)" for record in found})
    units = " or ".join(sorted({f"{record['n_unit']}s" for record in found}))
    notes = [f"Brackets: {' or '.join(methods)}; n counts {units}."] if found else []
    beside = sorted({record["campaign_method"] for record in found if record["campaign_method"]})
    if beside:
        notes.append(
            f"{BY_CAMPAIGN.capitalize()}, as in the paper: {' or '.join(beside)}. It takes the campaigns of one "
            "chain as independent, which they are not: it may be too narrow or too wide. A bootstrap over few seeds "
            "is optimistic itself."
        )
    without = sorted({f"{r['label']}, {r['quantity']}: {r['note']}" for r in found if r["low"] is None and r["note"]})
    return notes + [f"Interval of {note}." for note in without]


def published_notes(records: Sequence[Record], published: dict[str, Any]) -> list[str]:
    """Where the paper's numbers stand, how its intervals were made, and what it says beside single numbers."""
    method = f", {published['interval']}" if published["interval"] else ", without intervals"
    notes = [f"Paper: Table {published['table']}, section {published['section']}{method}."]
    told = {f"{r['label']}, {r['quantity']}: {r['published_note']}" for r in records if r["published_note"]}
    return notes + [f"Paper, {note}." for note in sorted(told)]
