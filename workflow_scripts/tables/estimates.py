"""Tables of estimates: rows that each name a wave's controller, and quantities, beside the paper's numbers.

A table is a ``Declaration``. Its records are flat: one per quantity and row, then one per quantity and difference.
Values are in percent, differences in percentage points, steps as they are.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.tables import cells
from workflow_scripts.tables.published import published_difference, published_row
from workflow_scripts.tables.wave_statistics import Statistics

Record = dict[str, Any]
# (wave, controller or contrast, quantity) to the statistics' metric, or to the reason why there is none
Measured = dict[tuple[str | None, str, str], Record | str]


@dataclass(frozen=True)
class Quantity:
    """What is measured of a chain: its key in the statistics and its names here and in the published table."""

    key: str
    name: str
    title: str
    printed: str | None = None  # the published rows' metric; None where the paper has no such number
    scale: float = 100  # fractions become percent; 1 for counts


@dataclass(frozen=True)
class Row:
    """A row of the table: which wave's chains give the value of which controller in which role.

    ``wave`` is None for a model that no wave trains. ``keys`` says which of the statistics' keys stands for a quantity
    in this row alone, None where the quantity does not apply.
    """

    role: str
    wave: str | None
    controller: str
    method: str
    keys: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """A paired difference of a wave, seed by seed, e.g. contrast "A3-A0"."""

    role: str
    wave: str
    contrast: str
    method: str
    printed: bool = True  # whether the published table has it


# Section 5.6 and appendix F: the paper's end pass@1 is the last step's pass rate, on training problems.
TRAINING = Quantity("end_pass_rate", "training", "End pass@1 on the training problems (%)", "end pass@1")
HELD_OUT = Quantity("end_probe", "held-out", "End pass@1 on the held-out problems (%)")
END_DEFINITION = (
    "End pass@1 of a chain: mean reward over the samples of the last step of its last campaign. "
    "Held-out problems: pass@1 on the fixed probe set, never trained on, at its last measurement in that campaign."
)


@dataclass(frozen=True)
class Declaration:
    """A table: its rows and quantities, and what its own notes say (``definitions`` first, ``remarks`` computed)."""

    number: int
    rows: Sequence[Row]
    quantities: Sequence[Quantity] = (TRAINING, HELD_OUT)
    differences: Sequence[Difference] = ()
    definitions: Sequence[str] = (END_DEFINITION,)
    paper: str = "it reports no held-out probe on these chains, and its seeds share with ours the number only"
    remarks: Callable[[Statistics], list[str]] | None = None
    spread: bool = False  # whether the standard deviation over seeds is shown, as the paper prints one
    side_by_side: bool = False  # whether the quantities are columns of one panel, not panels
    every_seed: bool = True  # whether every seed's value is shown, where the table still fits a page with them

    @property
    def roles(self) -> dict[str, str]:
        """The waves that the table takes, each with the role of its model."""
        return {row.wave: row.role for row in self.rows if row.wave is not None}


def measure(declaration: Declaration, by_wave: Statistics) -> Measured:
    """The metric of every row and difference in every quantity, or why there is none."""
    found: Measured = {}
    for quantity in declaration.quantities:
        for row in declaration.rows:
            found[row.wave, row.controller, quantity.key] = _metric_of_row(by_wave, row, quantity.key)
        for pair in declaration.differences:
            found[pair.wave, pair.contrast, quantity.key] = _metric(
                by_wave, pair.wave, "paired", pair.contrast, quantity.key
            )
    return found


def _metric_of_row(by_wave: Statistics, row: Row, quantity: str) -> Record | str:
    key = row.keys.get(quantity, quantity)
    if key is None:
        return "not applicable"
    if row.wave is None:
        return f"not run: {row.controller} is not measured"
    return _metric(by_wave, row.wave, "controllers", row.controller, key)


def _metric(by_wave: Statistics, wave: str, part: str, name: str, key: str) -> Record | str:
    if wave not in by_wave:
        return f"not run: no statistics of wave {wave}"
    if name not in by_wave[wave][part]:
        return f"not run: {name} is not in wave {wave}"
    metric: Record | None = by_wave[wave][part][name].get(key)
    if metric is None:
        return f"not run: {key} is not among the statistics of wave {wave}"
    return metric if metric["n"] else f"no chain of wave {wave} counts"


def build_records(
    declaration: Declaration,
    by_wave: Statistics,
    measured: Measured,
    published: dict[str, Any],
    published_path: Path | str,
    models: Mapping[str, str] | None = None,
) -> list[Record]:
    """One record per quantity and row, then per quantity and paired difference.

    ``models``: the models' names by role, where there are roles that no wave trains.
    """
    names = {one["model"]["role"]: one["model"]["name"] for one in by_wave.values()} | dict(models or {})
    records = []
    for quantity in declaration.quantities:
        for row in declaration.rows:
            printed = None
            if quantity.printed and row.keys.get(quantity.key, quantity.key):
                printed = published_row(published, row.role, row.controller, published_path, row.wave, quantity.printed)
            metric = measured[row.wave, row.controller, quantity.key]
            records.append(_record(declaration, by_wave, names, row, quantity, metric, printed))
    for quantity in declaration.quantities:
        for pair in declaration.differences:
            printed = None
            if pair.printed and quantity.printed:
                printed = published_difference(
                    published, pair.role, pair.contrast, published_path, pair.wave, quantity.printed
                )
            metric = measured[pair.wave, pair.contrast, quantity.key]
            records.append(_record(declaration, by_wave, names, pair, quantity, metric, printed))
    return records


def _record(
    declaration: Declaration,
    by_wave: Statistics,
    names: Mapping[str, str],
    entry: Row | Difference,
    quantity: Quantity,
    metric: Record | str,
    printed: Record | None,
) -> Record:
    numbers = {} if isinstance(metric, str) else cells.metric_record(metric, quantity.scale)
    if declaration.spread and numbers:
        numbers["sd"] = _standard_deviation(numbers["seeds"])
    return {
        "role": entry.role,
        "model": f"{names[entry.role]} as {entry.role}" if entry.role in names else f"role {entry.role}",
        "wave": entry.wave,
        "chain": by_wave[entry.wave]["chain"] if entry.wave in by_wave else None,
        "method": entry.method,
        "quantity": quantity.key,
        "status": metric if isinstance(metric, str) else "measured",
        **numbers,
        "published": printed,
        "is_difference": isinstance(entry, Difference),
    }


def _standard_deviation(seeds: dict[int, float | None]) -> float | None:
    values = [value for value in seeds.values() if value is not None]
    return statistics.stdev(values) if len(values) > 1 else None


def to_frame(declaration: Declaration, records: list[Record]) -> pd.DataFrame:
    """The records as the csv's flat rows, the published numbers beside ours."""
    rows = []
    for record in records:
        printed = record["published"] or {}
        low, high = printed.get("interval") or (None, None)
        by_seed = printed.get("seeds") or {"values": []}
        left_out = ("published", "interval_notes", "is_difference")
        flat = {key: value for key, value in record.items() if key not in left_out}
        flat["seeds"] = cells.seeds_text(record.get("seeds", {}))
        flat |= {
            "published_mean": printed.get("mean"),
            "published_low": low,
            "published_high": high,
            "published_n": printed.get("n"),
            "published_seeds": cells.seeds_text({value["seed"]: value["value"] for value in by_seed["values"]}),
            "published_source": printed.get("source"),
            "published_note": printed.get("note"),
        }
        if declaration.spread:
            flat["published_sd"] = printed.get("sd")
        rows.append(flat)
    frame = pd.DataFrame(rows)
    return frame.astype({name: "Int64" for name in ("n", "published_n") if name in frame})
