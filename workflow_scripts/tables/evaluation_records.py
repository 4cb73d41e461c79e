"""Records of evaluated checkpoints for Tables 14 and 15: groups of a wave's final ones, and untrained models.

Flat dicts as in cell_records.py; values in percent. A group's interval is over seeds, an untrained model's over
problems: it is one checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.tables.cell_records import (
    MEASURED,
    NOTHING,
    Column,
    Estimate,
    Record,
    chain_estimate,
    number_text,
    plain_estimate,
    published_text,
)
from workflow_scripts.tables.cells import UNDEFINED, measured_brackets
from workflow_scripts.tables.published_cells import published_cell

UNTRAINED = "base/"
# The split that each column is measured on.
SPLIT_OF = {"main": "main", "cpp_acc": "cpp", "ood_acc": "ood"}

Evaluations = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """A row: a group of evaluations ("W3 A0") or an untrained model ("base/32B"), its role and its label."""

    name: str
    role: str
    label: str


def build_records(
    rows: Sequence[Source],
    columns: Sequence[Column],
    evaluations: Evaluations,
    published: dict[str, Any],
    published_path: Path | str,
) -> list[Record]:
    """One record per row and column: pass@1 on the column's split beside what the paper prints."""
    return [_record(row, column, evaluations, published, published_path) for row in rows for column in columns]


def _record(
    row: Source, column: Column, evaluations: Evaluations, published: dict[str, Any], source: Path | str
) -> Record:
    found = _estimate(row.name, column, evaluations)
    empty = dict.fromkeys(plain_estimate(None, column, 0, "seed"))
    printed = published_cell(published, row.name, column.name, source)
    return {
        "row": row.name,
        "label": row.label,
        "role": row.role,
        "model": evaluations["models"].get(row.role),
        "quantity": column.name,
        "unit": column.unit,
        "status": found if isinstance(found, str) else MEASURED,
        **(empty if isinstance(found, str) else found),
        **{f"published_{key}": value for key, value in printed.items()},
    }


def _estimate(name: str, column: Column, evaluations: Evaluations) -> Estimate | str:
    """pass@1, or why there is none in words that begin with "not run"."""
    split = SPLIT_OF[column.name]
    if name.startswith(UNTRAINED):
        found = evaluations["checkpoints"].get(name, {}).get(split)
        return f"not run: {name} is not evaluated on {split}" if found is None else _of_checkpoint(found, column)
    if name not in evaluations["groups"]:
        wave, controller = name.split(" ")
        return f"not run: {controller} of wave {wave} is not declared"
    metric = evaluations["groups"][name]["splits"].get(split, {}).get("pass@1", {"n": 0})
    if not metric["n"]:
        return f"not run: no final checkpoint of {name} is evaluated on {split}"
    return chain_estimate(metric, column)


def _of_checkpoint(found: Mapping[str, Any], column: Column) -> Estimate:
    interval = found["intervals"]["pass@1"]
    low, high = (None if interval[bound] is None else column.scale() * interval[bound] for bound in ("low", "high"))
    return plain_estimate(found["pass@1"], column, found["n"], "problem", interval["note"]) | {
        "low": low,
        "high": high,
        "method": interval["method"],
        "level": interval["level"],
    }


def stacked_rows(
    records: Sequence[Record], rows: Sequence[Source], columns: Sequence[Column], heading: str
) -> pd.DataFrame:
    """Two lines per row: ours, and the paper's. Where a whole row was not run, the column "Source" says why."""
    cells = {(record["row"], record["quantity"]): record for record in records}
    lines = []
    for row in rows:
        own = [(column, cells[row.name, column.name]) for column in columns]
        run = any(record["status"] == MEASURED for _, record in own)
        model = own[0][1]["model"] or "no model"
        source = f"{row.name}, {model} as {row.role}" if run else own[0][1]["status"]
        lines.append({heading: row.label, "Source": source} | {c.heading: value_text(r, c) for c, r in own})
        lines.append({heading: "", "Source": "paper"} | {c.heading: published_text(r, c) for c, r in own})
    return pd.DataFrame(lines)


def value_text(record: Record, column: Column) -> str:
    """Value, interval and n, e.g. "41.5 [31.6, 56.0] (n=3)" or "34.2 [30.0, 38.1] (n=100 problems)"; "-" if not run."""
    if record["status"] != MEASURED:
        return NOTHING
    bounds = UNDEFINED
    if record["low"] is not None and record["high"] is not None:
        bounds = measured_brackets(record["low"], record["high"], lambda bound: number_text(bound, column))
    count = f"n={record['n']}" + ("" if record["n_unit"] == "seed" else f" {record['n_unit']}s")
    return f"{number_text(record['value'], column)} {bounds} ({count})"


def missing_notes(evaluations: Evaluations, names: Sequence[str], splits: Sequence[str]) -> list[str]:
    """The declared final checkpoints of these groups that nobody evaluated on a split of the table."""
    return [
        f"Left out of {name} on {entry['split']}: {entry['checkpoint']} is not evaluated."
        for name in names
        for entry in evaluations["groups"].get(name, {"missing": []})["missing"]
        if entry["split"] in splits
    ]


def problem_notes(evaluations: Evaluations, names: Sequence[str], splits: Sequence[str]) -> list[str]:
    """How many problems and samples the values rest on, by split; groups and untrained models together."""
    groups = evaluations["groups"]
    checkpoints = [own for name in names for own in groups.get(name, {"checkpoints": [name]})["checkpoints"]]
    notes = []
    for split in splits:
        found = [evaluations["checkpoints"].get(own, {}).get(split) for own in checkpoints]
        sizes = sorted({(one["n"], one["samples"]) for one in found if one})
        if sizes:
            words = [f"{n} problems, {samples} {'sample' if samples == 1 else 'samples'} each" for n, samples in sizes]
            notes.append(f"{split}: {' or '.join(words)}")
    return [f"Evaluated on {'; '.join(notes)}."] if notes else []
