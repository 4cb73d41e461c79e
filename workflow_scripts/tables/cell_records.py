"""One record per cell of a table: what was measured, in the unit of its column, beside what the paper prints there.

A record is a flat dict: row, label, role, model, wave, chain, controller, quantity, unit, status; value, or text where
the column holds words; low, high, method, level, n, n_unit, n_seeds; the interval with campaigns as the unit
(campaign_low, campaign_high, campaign_method) and the sign-flip test (sign_flip_{p,floor,method}) where there is one;
seeds, every seed's value as text; note; and the paper's published_{value,low,high,n,printed,source,note}.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.tables.cells import UNDEFINED, brackets, measured_brackets, seeds_text
from workflow_scripts.tables.published_cells import published_cell
from workflow_scripts.tables.wave_statistics import Statistics, missing_reason

MEASURED = "measured"
NOTHING = "-"
_PERCENT = ("percent", "points")
_PUBLISHED = ("value", "low", "high", "n", "printed", "source", "note")
_ESTIMATE = (
    "value", "text", "low", "high", "method", "level", "n", "n_unit", "n_seeds",
    "campaign_low", "campaign_high", "campaign_method", "sign_flip_p", "sign_flip_floor",
    "sign_flip_method", "seeds", "note",
)  # fmt: skip

_SIGN_FLIP = {"p": "p_value", "floor": "floor", "method": "method"}

Record = dict[str, Any]
Estimate = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row: its name in paper/published/ and in the csv, its label, and the chains that its values are of.

    ``printed``: the name of the paper's row, where it differs; empty for a row that the paper does not have.
    """

    name: str
    label: str
    wave: str
    role: str
    controller: str
    printed: str | None = None


@dataclass(frozen=True)
class Column:
    """A column: its name in paper/published/ and in the csv, its heading, and how its numbers are written."""

    name: str
    heading: str
    unit: str
    digits: int
    signed: bool = False

    def scale(self) -> float:
        """What a fraction is multiplied by to be in this column's unit."""
        return 100.0 if self.unit in _PERCENT else 1.0


Measure = Callable[[dict[str, Any], Row, Column], Estimate | None]


def plain_estimate(value: float | None, column: Column, n: int, n_unit: str, note: str | None = None) -> Estimate:
    """A value without an interval; ``value`` is a fraction where the column's unit is percent."""
    scaled = None if value is None else column.scale() * value
    seeds = n if n_unit == "seed" else None
    return dict.fromkeys(_ESTIMATE) | {"value": scaled, "n": n, "n_unit": n_unit, "n_seeds": seeds, "note": note}


def text_estimate(text: str | None, n: int) -> Estimate:
    """A cell of words, on ``n`` seeds."""
    return dict.fromkeys(_ESTIMATE) | {"text": text, "n": n, "n_unit": "seed", "n_seeds": n}


def chain_estimate(metric: dict[str, Any], column: Column) -> Estimate:
    """A metric or paired contrast of the statistics, with its bootstrap interval over seeds."""
    interval = next(interval for interval in metric["intervals"] if "bootstrap over seeds" in interval["method"])
    sign_flip = metric.get("sign_flip", {"p_value": None, "floor": None, "method": None})
    values = metric["values"] if "values" in metric else metric["differences"]
    return (
        plain_estimate(metric["mean"], column, metric["n"], metric["unit"])
        | _bounds(interval, column, "")
        | {f"sign_flip_{name}": sign_flip[key] for name, key in _SIGN_FLIP.items()}
        | {"seeds": seeds_text({value["seed"]: column.scale() * value["value"] for value in values})}
    )


def campaign_estimate(metric: dict[str, Any], column: Column) -> Estimate:
    """A campaign metric of the statistics: cluster bootstrap over seeds, and beside it the one over campaigns."""
    clusters, campaigns = metric["intervals"]
    beside = _bounds(campaigns, column, "campaign_")
    return (
        plain_estimate(metric["mean"], column, metric["defined"], "campaign")
        | _bounds(clusters, column, "")
        | {key: beside[key] for key in ("campaign_low", "campaign_high", "campaign_method")}
        | {"n_seeds": metric["n_seeds"]}
    )


def chain_metric(statistics: dict[str, Any], row: Row, column: Column) -> Estimate | None:
    """A controller's metric over its chains: ``controllers`` of the statistics."""
    return chain_estimate(statistics["controllers"][row.controller][column.name], column)


def paired_metric(statistics: dict[str, Any], row: Row, column: Column) -> Estimate | None:
    """The paired difference that the row names, e.g. "A3-A0"; None where the wave has only one of the two."""
    contrast = statistics["paired"].get(row.name)
    return None if contrast is None else chain_estimate(contrast[column.name], column)


def campaign_metric(statistics: dict[str, Any], row: Row, column: Column) -> Estimate | None:
    """A controller's metric over all campaigns of its chains; None for a gap threshold that was not asked for."""
    metric = statistics["campaign_metrics"][row.controller].get(column.name)
    return None if metric is None else campaign_estimate(metric, column)


def _bounds(interval: dict[str, Any], column: Column, prefix: str) -> dict[str, Any]:
    low, high = (None if interval[bound] is None else column.scale() * interval[bound] for bound in ("low", "high"))
    return {
        f"{prefix}low": low,
        f"{prefix}high": high,
        f"{prefix}method": interval["method"],
        "level": interval["level"],
        "note": interval["note"],
    }


def build_records(
    rows: Sequence[Row],
    columns: Sequence[Column],
    by_wave: Statistics,
    measure: Measure,
    published: dict[str, Any],
    published_path: Path | str,
) -> list[Record]:
    """One record per row and column; ``measure(statistics, row, column)`` gives the estimate, None where undefined."""
    records = []
    for row in rows:
        reason = missing_reason(by_wave, row.wave, row.controller)
        for column in columns:
            estimate = None if reason else measure(by_wave[row.wave], row, column)
            records.append(
                {
                    "row": row.name,
                    "label": row.label,
                    "role": row.role,
                    "model": by_wave[row.wave]["model"]["name"] if row.wave in by_wave else None,
                    "wave": row.wave,
                    "chain": by_wave[row.wave]["chain"] if row.wave in by_wave else None,
                    "controller": row.controller,
                    "quantity": column.name,
                    "unit": column.unit,
                    "status": reason or _status(estimate, row.wave),
                    **(estimate or dict.fromkeys(_ESTIMATE)),
                    **_printed(row, column, published, published_path),
                }
            )
    return records


def _status(estimate: Estimate | None, wave: str) -> str:
    if estimate is not None and (estimate["value"] is not None or estimate["text"] is not None):
        return MEASURED
    return "undefined" if estimate is None or estimate["n"] else f"no chain or campaign of wave {wave} has this value"


def _printed(row: Row, column: Column, published: dict[str, Any], source: Path | str) -> dict[str, Any]:
    name = row.name if row.printed is None else row.printed
    found = published_cell(published, name, column.name, source) if name else dict.fromkeys(_PUBLISHED)
    return {f"published_{key}": found[key] for key in _PUBLISHED}


def number_text(value: float | None, column: Column) -> str:
    """A number with the column's digits, e.g. "0.34" or, signed, "+2.0"; "n/a" where undefined."""
    if value is None:
        return UNDEFINED
    return f"{round(value, column.digits) + 0.0:{'+' if column.signed else ''}.{column.digits}f}"


def measured_text(record: Record, column: Column) -> str:
    """Value, interval and n as far as there are any, e.g. "2.6 [1.6, 3.4] (n=5)"; "-" where it was not run."""
    if record["status"] != MEASURED:
        return NOTHING if record["status"].startswith("not run") else UNDEFINED
    if record["text"] is not None:
        return str(record["text"])
    value = number_text(record["value"], column)
    if not record["method"]:
        return value
    count = f"n={record['n']}" + (f", {record['n_seeds']} seeds" if record["n_unit"] != "seed" else "")
    return f"{value}{_interval_text(record['low'], record['high'], column)} ({count})"


def by_campaign_text(record: Record, column: Column) -> str:
    """The interval with campaigns as the unit, e.g. "[0.71, 0.85] (n=47)"; "-" where there is none."""
    bounds = _interval_text(record["campaign_low"], record["campaign_high"], column).strip()
    return f"{bounds} (n={record['n']})" if bounds else NOTHING


def published_text(record: Record, column: Column) -> str:
    """The same for what the paper prints; "-" where it prints nothing."""
    if record["published_printed"] is not None:
        return str(record["published_printed"])
    if record["published_value"] is None:
        return NOTHING
    interval = _interval_text(record["published_low"], record["published_high"], column, brackets)
    count = f" (n={record['published_n']})" if record["published_n"] else ""
    return f"{number_text(record['published_value'], column)}{interval}{count}"


def _interval_text(
    low: float | None, high: float | None, column: Column, brackets: Callable[..., str] = measured_brackets
) -> str:
    return "" if low is None or high is None else f" {brackets(low, high, lambda bound: number_text(bound, column))}"


def to_frame(records: Sequence[Record]) -> pd.DataFrame:
    """The records as the csv's rows; counts stay integers where others are missing."""
    return pd.DataFrame(records).astype({"n": "Int64", "n_seeds": "Int64", "published_n": "Int64"})
