"""The record behind every cell of every table: what was measured, beside what the paper prints there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow_scripts.core.contracts.statistics import Statistics

MEASURED = "measured"
ByWave = Mapping[str, Statistics]
Runs = Mapping[str, Mapping[str, Any]]  # what is known of waves: their statistics, or what they cost


@dataclass(frozen=True)
class Column:
    """A column: its name in paper/published/ and in the csv, its heading, and how its numbers are written."""

    name: str
    heading: str
    unit: str = "percent"
    digits: int = 1
    signed: bool = False
    short: str = ""  # its name where it stands in a line, not above a column

    @property
    def scale(self) -> float:
        """What a value of the statistics is multiplied by to be in this column's unit."""
        return 100.0 if self.unit in ("percent", "points") else 1.0


@dataclass(frozen=True)
class Interval:
    """An interval with its method; all None where there is none, ``note`` says why."""

    low: float | None = None
    high: float | None = None
    method: str | None = None
    level: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class SignFlip:
    """The sign-flip test of a paired difference: p, the smallest p attainable, and p adjusted over a table's tests."""

    p: float | None = None
    floor: float | None = None
    method: str | None = None
    holm: float | None = None


@dataclass(frozen=True)
class Estimate:
    """What stands in a cell, of ours or of the paper's, in the column's unit: a number, or words.

    ``unit`` is what is resampled and counted by ``n``: seed, campaign or problem. ``by_campaign`` takes the campaigns
    of a chain as independent, as the paper does. ``iqm`` is the interquartile mean of a metric's seeds, ``improved``
    the share of a difference's seeds above 0, ties counting half. ``source`` and ``note`` are where the paper prints it
    and a remark.
    """

    value: float | None = None
    text: str | None = None
    sd: float | None = None
    n: int | None = None
    unit: str | None = None
    n_seeds: int | None = None
    interval: Interval = Interval()
    student_t: Interval = Interval()
    bca: Interval = Interval()
    by_campaign: Interval = Interval()
    sign_flip: SignFlip = SignFlip()
    iqm: float | None = None
    improved: float | None = None
    seeds: Mapping[int, float | None] = field(default_factory=dict)
    seeds_source: str | None = None
    source: str | None = None
    note: str | None = None


Found = Estimate | str | None  # in words why there is none; None where it is undefined


@dataclass(frozen=True)
class Row:
    """A row: its name in the csv, its label, the chains that its values are of, and the paper's cells by column.

    ``wave`` is None where no wave trains the model; ``contrast``, e.g. "A3-A0", is a difference taken seed by seed and
    ``controller`` its minuend.
    """

    name: str
    label: str = ""
    role: str | None = None
    wave: str | None = None
    controller: str | None = None
    contrast: str | None = None
    cells: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A cell: its row and column, the real model and its chains, what was measured and what the paper prints."""

    row: Row
    column: Column
    model: str | None
    chain: str | None
    status: str
    ours: Estimate
    paper: Estimate

    @property
    def is_measured(self) -> bool:
        return self.status == MEASURED

    @property
    def is_printed(self) -> bool:
        """Whether the paper has this cell."""
        return self.column.name in self.row.cells

    @property
    def stand_in(self) -> str:
        """The real model and the paper's that it stands in for, e.g. "tiny-qwen2-404k as 7B"."""
        return f"{self.model} as {self.row.role}" if self.model else f"role {self.row.role}"


def build_records(
    rows: Sequence[Row],
    columns: Sequence[Column],
    measure: Callable[[Row, Column], Found],
    by_wave: Runs,
    models: Mapping[str, str] | None = None,
) -> list[Record]:
    """One record per row and column; the models' names are the waves' own, or those by role in ``models``."""
    records = []
    for row in rows:
        wave = by_wave.get(row.wave or "")
        model = models.get(row.role or "") if models is not None else wave["model"]["name"] if wave else None
        for column in columns:
            found = measure(row, column)
            ours = found if isinstance(found, Estimate) else Estimate()
            status = found if isinstance(found, str) else _status(ours, row.wave)
            paper = row.cells.get(column.name, Estimate())
            records.append(Record(row, column, model, wave["chain"] if wave else None, status, ours, paper))
    return records


def _status(ours: Estimate, wave: str | None) -> str:
    if ours.value is not None or ours.text is not None:
        return MEASURED
    return f"no chain or campaign of wave {wave} has this value" if ours.n == 0 else "undefined"
