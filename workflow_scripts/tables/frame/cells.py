"""Records as text, so that rounding is one everywhere, and panels with ours above the paper's, row by row."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import pandas as pd

from workflow_scripts.statistics.intervals import has_no_width
from workflow_scripts.tables.frame.records import Column, Interval, Record, SignFlip

UNDEFINED = "n/a"
NOTHING = "-"
NO_WIDTH_MARK = "†"  # behind an interval of width 0; the note under the table is rendering's
BY_CAMPAIGN = "campaigns as the unit"


def number_text(value: float | None, column: Column) -> str:
    """A number with the column's digits, e.g. "0.34" or, signed, "+2.0"; "n/a" where undefined."""
    if value is None:
        return UNDEFINED
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return f"{round(value, column.digits) + 0.0:{'+' if column.signed else ''}.{column.digits}f}"


def brackets(interval: Interval, column: Column) -> str:
    """An interval, e.g. "[5.2, 18.3]"."""
    return f"[{number_text(interval.low, column)}, {number_text(interval.high, column)}]"


def interval_text(interval: Interval, column: Column) -> str:
    """An interval of ours in brackets, marked if its width is 0; "n/a" where undefined."""
    if interval.low is None or interval.high is None:
        return UNDEFINED
    return brackets(interval, column) + (NO_WIDTH_MARK if has_no_width(interval.low, interval.high) else "")


def estimate_text(record: Record) -> str:
    """A value with its interval, e.g. "11.8 [5.2, 18.3]"."""
    value = number_text(record.ours.value, record.column)
    return value if value == UNDEFINED else f"{value} {interval_text(record.ours.interval, record.column)}"


def measured_text(record: Record) -> str:
    """Value, interval and n as far as there are any, e.g. "2.6 [1.6, 3.4] (n=5)"; "-" where it was not run."""
    ours = record.ours
    if not record.is_measured:
        return NOTHING if record.status.startswith("not run") else UNDEFINED
    if ours.text is not None:
        return ours.text
    if not ours.interval.method:
        return number_text(ours.value, record.column)
    seeds = "" if ours.unit == "seed" else f", {ours.n_seeds} seeds"
    return f"{estimate_text(record).removesuffix(f' {UNDEFINED}')} (n={ours.n}{seeds})"


def by_campaign_text(record: Record) -> str:
    """The interval with campaigns as the unit, e.g. "[0.71, 0.85] (n=47)"; "-" where there is none."""
    bounds = interval_text(record.ours.by_campaign, record.column)
    return NOTHING if bounds == UNDEFINED else f"{bounds} (n={record.ours.n})"


def published_text(record: Record) -> str:
    """What the paper prints, e.g. "2.6 [1.6, 3.4] (n=5)"; "-" where it prints nothing."""
    paper, column = record.paper, record.column
    if paper.text is not None or paper.value is None:
        return paper.text or NOTHING
    interval = "" if paper.interval.low is None else f" {brackets(paper.interval, column)}"
    return f"{number_text(paper.value, column)}{interval}{f' (n={paper.n})' if paper.n else ''}"


def p_value_text(test: SignFlip) -> str:
    """A sign-flip p-value with the smallest one attainable, e.g. "0.1250 (0.0625)"."""
    return UNDEFINED if test.p is None or test.floor is None else f"{test.p:.4f} ({test.floor:.4f})"


def holm_text(test: SignFlip) -> str:
    """The p-value adjusted over the table's tests, e.g. "0.5000"."""
    return UNDEFINED if test.holm is None else f"{test.holm:.4f}"


def source_text(own: Sequence[Record]) -> str:
    """Wave and real model of a row, e.g. "W4, tiny-qwen2-404k as 7B"; why there is none where it was not run."""
    first = own[0]
    return first.status if first.status.startswith("not run") else f"{first.row.wave}, {first.stand_in}"


def by_row(records: Iterable[Record]) -> list[list[Record]]:
    """The records, which are in order, row by row."""
    return [list(own) for _, own in groupby(records, key=lambda record: record.row)]


def stacked_rows(
    records: Sequence[Record],
    heading: str,
    source: Callable[[Sequence[Record]], str] = source_text,
    text: Callable[[Record], str] = measured_text,
) -> pd.DataFrame:
    """Up to three lines per row: ours, the intervals with campaigns as the unit, and the paper's."""
    lines = []
    for own in by_row(records):
        shown = [(own[0].row.label, source(own), text)]
        if any(record.ours.by_campaign.method for record in own):
            shown.append(("", BY_CAMPAIGN, by_campaign_text))
        if any(record.is_printed for record in own):
            shown.append(("", "paper", published_text))
        for label, where, written in shown:
            lines.append({heading: label, "Source": where} | {r.column.heading: written(r) for r in own})
    return pd.DataFrame(lines)
