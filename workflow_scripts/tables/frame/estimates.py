"""Tables of estimates: a panel for each quantity, paired differences, every seed's value, and notes.

Rows and published numbers are those of the table's file in paper/published/; rows with a contrast are the differences.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from workflow_scripts.statistics.contrasts import EXACT
from workflow_scripts.statistics.intervals import NO_WIDTH
from workflow_scripts.tables.frame.cells import (
    NOTHING,
    brackets,
    estimate_text,
    holm_text,
    interval_text,
    number_text,
    p_value_text,
)
from workflow_scripts.tables.frame.command_line import Inputs
from workflow_scripts.tables.frame.measures import chain_estimate, find_metric, with_holm
from workflow_scripts.tables.frame.notes import coverage_note, exclusion_notes, holm_note, methods_text, wave_notes
from workflow_scripts.tables.frame.published import Published
from workflow_scripts.tables.frame.records import Column, Found, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table, to_frame

# Section 5.6 and appendix F: the paper's end pass@1 is the last step's pass rate, on training problems.
TRAINING = Column("end_pass_rate", "End pass@1 on the training problems (%)", short="training")
HELD_OUT = Column("end_probe", "End pass@1 on the held-out problems (%)", short="held-out")
END_DEFINITION = (
    "End pass@1 of a chain: mean reward over the samples of the last step of its last campaign. "
    "Held-out problems: pass@1 on the fixed probe set, never trained on, at its last measurement in that campaign."
)
VALUE = "Mean [bootstrap]"
CSV_COLUMNS = """
role=row.role model=stand_in wave=row.wave chain=chain method=row.label quantity=column.name status=status
mean=ours.value bootstrap_low=ours.interval.low bootstrap_high=ours.interval.high bootstrap_method=ours.interval.method
student_t_low=ours.student_t.low student_t_high=ours.student_t.high bca_low=ours.bca.low bca_high=ours.bca.high
bca_method=ours.bca.method level=ours.interval.level n=ours.n unit=ours.unit seeds=ours.seeds
sign_flip_p=ours.sign_flip.p sign_flip_floor=ours.sign_flip.floor sign_flip_method=ours.sign_flip.method
sign_flip_holm=ours.sign_flip.holm iqm=ours.iqm probability_of_improvement=ours.improved sd=ours.sd
published_mean=paper.value published_low=paper.interval.low published_high=paper.interval.high published_n=paper.n
published_seeds=paper.seeds published_source=paper.source published_note=paper.note published_sd=paper.sd
"""


def measure_in_statistics(inputs: Inputs, row: Row, column: Column) -> Found:
    """The row's metric of the column's name."""
    return chain_estimate(find_metric(inputs.by_wave, row, column.name), column)


Marks = Mapping[str, str]  # by remark on a published number, in the order of the records


@dataclass(frozen=True)
class Estimates:
    """What a table of estimates shows, and what its own notes say."""

    columns: Sequence[Column] = (TRAINING, HELD_OUT)
    measure: Callable[[Inputs, Row, Column], Found] = measure_in_statistics
    definitions: Sequence[str] = (END_DEFINITION,)
    remarks: Callable[[Inputs], list[str]] = lambda _: []  # computed notes that stand with the definitions
    wave_remarks: Callable[[Inputs], list[str]] = lambda _: []  # and with the waves
    paper: str = "it reports no held-out probe on these chains, and its seeds share with ours the number only"
    spread: bool = False  # whether the standard deviation over seeds is shown, as the paper prints one
    every_seed: bool = True  # whether every seed's value is shown, where the table still fits a page with them
    one_panel: Callable[[Sequence[Record], Marks], Panel] | None = None  # in place of a panel for each quantity

    def build(self, inputs: Inputs) -> tuple[list[Record], Table]:
        """The records, quantity by quantity and differences last, and the finished table."""
        published, by_wave = inputs.published, inputs.by_wave
        models = {one["model"]["role"]: one["model"]["name"] for one in by_wave.values()}
        models |= {role: name for one in inputs.files.get("evaluations", ()) for role, name in one["models"].items()}
        records = []
        for is_difference in (False, True):
            rows = [row for row in published.rows if bool(row.contrast) == is_difference]
            for column in self.columns:
                shown = [replace(column, signed=is_difference)]
                records += build_records(rows, shown, partial(self.measure, inputs), by_wave, models)
        records = with_holm(records)
        table = Table(published.table, published.title, self._panels(records), self._notes(inputs, records))
        return records, table

    def frame(self, records: Sequence[Record]) -> pd.DataFrame:
        """The csv's rows."""
        return to_frame(records, CSV_COLUMNS, () if self.spread else ("sd", "published_sd"), sparse=True)

    def _panels(self, records: Sequence[Record]) -> list[Panel]:
        marks = _marks(records)
        estimates = [record for record in records if not record.row.contrast]
        differences = [record for record in records if record.row.contrast]
        if self.one_panel:
            panels = [self.one_panel(estimates, marks)]
        else:
            panels = [self._quantity_panel(column, estimates, marks) for column in self.columns]
        if differences:
            panels.append(self._differences_panel(differences, marks))
        seeds = self._seeds_panel(records) if self.every_seed else None
        return [*panels, seeds] if seeds and len(seeds.frame) else panels

    def _quantity_panel(self, column: Column, estimates: Sequence[Record], marks: Marks) -> Panel:
        own = [record for record in estimates if record.column.name == column.name]
        rows = [
            {"Model": record.stand_in, "Method": record.row.label}
            | value_cells(record, self.spread)
            | {"Paper": published_cell(record, marks)}
            for record in own
        ]
        layout = r"llp{0.15\linewidth}" + "l" * (4 if self.spread else 3)
        return Panel(column.heading, pd.DataFrame(rows), layout)

    def _differences_panel(self, differences: Sequence[Record], marks: Marks) -> Panel:
        labels = sorted({record.row.label for record in differences})
        what = "Problems" if {column.name for column in self.columns} <= {TRAINING.name, HELD_OUT.name} else "Quantity"
        rows = [
            # One contrast stands in the title, several in a column.
            {"Model": record.stand_in, **({"Difference": record.row.label} if labels[1:] else {})}
            | {what: record.column.short, **value_cells(record)}
            | {"p (floor)": p_value_text(record.ours.sign_flip), "Holm": holm_text(record.ours.sign_flip)}
            | {"Paper": published_cell(record, marks)}
            for record in differences
        ]
        title = "Paired differences" if labels[1:] else f"Paired difference {labels[0]}"
        layout = ("lll" if labels[1:] else "ll") + r"p{0.17\linewidth}lllll"
        return Panel(f"{title}, seed by seed (percentage points)", pd.DataFrame(rows), layout)

    def _seeds_panel(self, records: Sequence[Record]) -> Panel:
        """Every seed's value, ours and where the paper prints them the paper's, one column per seed."""
        shown = []
        for record in records:
            shown.append((record.stand_in, record, record.ours.seeds))
            shown.append((f"paper, {record.row.role} ({record.paper.seeds_source})", record, record.paper.seeds))
        seeds = sorted({seed for *_, values in shown for seed in values})
        has_differences = any(record.row.contrast for record in records)
        rows = [
            {"Model": model, "Value": f"{record.row.label}, {record.column.short}"}
            | {
                f"seed {seed}": number_text(values[seed], record.column) if seed in values else NOTHING
                for seed in seeds
            }
            | self._robust_cells(record, values is record.ours.seeds, has_differences)
            for model, record, values in shown
            if values
        ]
        units = ["%"]
        units += ["steps as numbers"] if any(column.unit == "steps" for column in self.columns) else []
        units += ["differences in points"] if has_differences else []
        layout = "ll" + "r" * (len(seeds) + 1 + has_differences)
        return Panel(f"Every seed's value ({', '.join(units)})", pd.DataFrame(rows), layout)

    @staticmethod
    def _robust_cells(record: Record, is_ours: bool, has_differences: bool) -> dict[str, str]:
        """The interquartile mean of our values; of our differences the share above 0."""
        ours = record.ours
        iqm = NOTHING if ours.iqm is None or not is_ours else number_text(ours.iqm, record.column)
        improved = NOTHING if ours.improved is None or not is_ours else f"{ours.improved:.2f}"
        return {"IQM": iqm} | ({"Above 0": improved} if has_differences else {})

    def _notes(self, inputs: Inputs, records: Sequence[Record]) -> list[str]:
        """What a reader must know to read the numbers: definitions, models, methods, and what was left out."""
        return [
            *self.definitions,
            *self.remarks(inputs),
            *self._method_notes(records),
            *holm_note(records),
            *coverage_note(records, inputs.only("coverage")),
            *wave_notes(inputs.by_wave, grouped=True),
            *self.wave_remarks(inputs),
            *self._paper_notes(inputs.published, records),
            *_interval_notes(records),
            *exclusion_notes(inputs.by_wave),
        ]

    def _method_notes(self, records: Sequence[Record]) -> Iterator[str]:
        measured = [record for record in records if record.is_measured]
        has_differences = any(record.row.contrast for record in records)
        unit = "The resampling unit is the seed, one chain each"
        if self.one_panel:
            rest = f"at the same level is in the csv file. {unit}."
        else:
            rest = f"beside it at the same level. {unit}"
            rest += "; differences are taken within a seed." if has_differences else "."
        yield f"Brackets: {methods_text(measured) or 'none computed'}; Student t {rest}"
        if not self.every_seed:
            yield "Every seed's value is in the csv file."
        elif measured:
            above = "; above 0: share of the seeds whose difference is, ties half (probability of improvement)"
            yield f"IQM: interquartile mean over the seeds{above if has_differences else ''}."
        if self.spread:
            yield "SD: sample standard deviation over the seeds (n - 1), no interval of the mean."
        if has_differences:
            tests = sorted({test for record in measured if (test := record.ours.sign_flip.method)}) or [EXACT]
            yield f"p: {' or '.join(tests)} of the paired differences; floor: the smallest p attainable at that n."

    def _paper_notes(self, published: Published, records: Sequence[Record]) -> Iterator[str]:
        part = "section" if published.section[0].isdigit() else "appendix"
        yield f"Paper: Table {published.table}, {part} {published.section}, {published.interval}; {self.paper}."
        for remark, mark in _marks(records).items():
            row = next(record.row for record in records if record.paper.note == remark)
            yield f"{mark} {row.role} {'difference' if row.contrast else row.label}: {remark}."


def value_cells(record: Record, spread: bool = False) -> dict[str, str]:
    """Mean, intervals and n of a record; why there are none where it was not run."""
    ours, column = record.ours, record.column
    cells = {
        VALUE: estimate_text(record) if record.is_measured else record.status,
        "SD": number_text(ours.sd, column) if record.is_measured else NOTHING,
        "Student t": interval_text(ours.student_t, column) if record.is_measured else NOTHING,
        "n": count_cell(record),
    }
    return {name: cell for name, cell in cells.items() if spread or name != "SD"}


def count_cell(record: Record) -> str:
    """E.g. "5 seeds"; "-" where it was not run."""
    ours = record.ours
    return f"{ours.n} {ours.unit}{'' if ours.n == 1 else 's'}" if record.is_measured else NOTHING


def published_cell(record: Record, marks: Marks) -> str:
    """What the paper prints, e.g. "+2.0 [+0.4, +8.9], n = 5 [a]"; "not reported" where it prints nothing."""
    paper, column = record.paper, record.column
    if not record.is_printed:
        return "not reported"
    parts = [] if paper.value is None else [number_text(paper.value, column)]
    parts += [] if paper.sd is None else [f"± {number_text(paper.sd, column)}"]
    parts += [] if paper.interval.low is None else [brackets(paper.interval, column)]
    return f"{' '.join(parts)}, n = {paper.n}{f' {marks[paper.note]}' if paper.note else ''}"


def _marks(records: Sequence[Record]) -> dict[str, str]:
    remarks = dict.fromkeys(record.paper.note for record in records if record.paper.note)
    return {remark: f"[{chr(ord('a') + place)}]" for place, remark in enumerate(remarks)}


def _interval_notes(records: Sequence[Record]) -> list[str]:
    undefined = {
        f"{record.row.wave or record.row.role} {record.row.label}: {interval.note}"
        for record in records
        for interval in (record.ours.interval, record.ours.student_t)
        if interval.note not in (None, NO_WIDTH)
    }
    return [f"Interval of {note}." for note in sorted(undefined)]
