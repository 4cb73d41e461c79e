"""One table as data (csv), for the terminal (md) and for the paper (tex), all from pandas frames."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.files import write_text
from workflow_scripts.statistics.intervals import NO_WIDTH
from workflow_scripts.tables.frame.cells import NO_WIDTH_MARK
from workflow_scripts.tables.frame.records import Record

_WORDS = {"\\": "backslash", "~": "asciitilde", "^": "asciicircum", "<": "less", ">": "greater"}
_MATH = {"≈": "approx", "±": "pm", "†": "dagger"}
_LATEX = str.maketrans(
    {character: f"\\{character}" for character in "{}%_&#$"}
    | {character: f"\\text{word}{{}}" for character, word in _WORDS.items()}
    | {character: f"$\\{word}$" for character, word in _MATH.items()}
)


@dataclass(frozen=True)
class Panel:
    """One tabular of a table: a title and a frame of finished cells (strings); ``column_format`` is LaTeX's."""

    title: str
    frame: pd.DataFrame
    column_format: str


@dataclass(frozen=True)
class Table:
    """A table of the paper: its number or appendix, a caption, its panels, and the notes that stand under them."""

    number: int | str
    caption: str
    panels: Sequence[Panel]
    notes: Sequence[str]


def _notes(table: Table) -> list[str]:
    """The table's notes, and the one that explains the mark of an interval of width 0 where there is one."""
    cells = [cell for panel in table.panels for cell in panel.frame.to_numpy().ravel()]
    is_marked = any(NO_WIDTH_MARK in text for text in (*cells, *table.notes))
    return [*table.notes, *([f"{NO_WIDTH_MARK} {NO_WIDTH}."] if is_marked else [])]


def escape_latex(text: str) -> str:
    """Plain text as LaTeX: special characters escaped, a minus before a number set in math."""
    return re.sub(r"(?<![\w.)-])-(?=\d)", lambda _: "$-$", text.translate(_LATEX))


def cell_to_latex(text: str) -> str:
    """A cell, in which an interval or a sample size is not broken over two lines."""
    return re.sub(r"\[[^\]]*\]|n = \d+|\(n=[^)]*\)", lambda found: found[0].replace(" ", "~"), escape_latex(text))


def to_markdown(table: Table) -> str:
    """The table as Markdown that also reads in a terminal: padded columns, one panel below the other."""
    return to_page(f"Table {table.number}. {table.caption}", table.panels, _notes(table))


def to_page(title: str, panels: Sequence[Panel], notes: Sequence[str]) -> str:
    """A page of Markdown: a title, panels and the notes under them."""
    parts = [f"# {title}"]
    for panel in panels:
        cells = panel.frame.map(lambda cell: cell.replace("|", r"\|"))
        # Without disable_numparse tabulate would print "10.0" as "10".
        grid = cells.to_markdown(index=False, tablefmt="github", disable_numparse=True)
        parts.append(f"**{panel.title}**\n\n{grid}")
    parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join(parts) + "\n"


def to_latex(table: Table) -> str:
    """The table as a two-column float, which says what packages it needs. Cells of several lines are ragged right."""
    lines = [
        r"% Needs \usepackage{array,booktabs}.",
        r"\begin{table*}[t]",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{escape_latex(table.caption)}}}",
        rf"\label{{tab:{str(table.number).zfill(2) if isinstance(table.number, int) else table.number}}}",
    ]
    for panel in table.panels:
        cells = panel.frame.map(cell_to_latex).rename(columns=escape_latex)
        column_format = panel.column_format.replace("p{", r">{\raggedright\arraybackslash}p{")
        lines += [
            rf"\par\medskip\textit{{{escape_latex(panel.title)}}}\par\smallskip",
            cells.to_latex(index=False, escape=False, column_format=column_format).rstrip(),
        ]
    notes = " ".join(escape_latex(note) for note in _notes(table))
    lines += [
        rf"\par\medskip\begin{{minipage}}{{\linewidth}}\footnotesize {notes}\end{{minipage}}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


# The csv's columns, each with where its value stands in a record.
CELL_COLUMNS = """
row=row.name label=row.label role=row.role model=model wave=row.wave chain=chain controller=row.controller
quantity=column.name unit=column.unit status=status value=ours.value text=ours.text low=ours.interval.low
high=ours.interval.high method=ours.interval.method level=ours.interval.level n=ours.n n_unit=ours.unit
n_seeds=ours.n_seeds campaign_low=ours.by_campaign.low campaign_high=ours.by_campaign.high
campaign_method=ours.by_campaign.method sign_flip_p=ours.sign_flip.p sign_flip_floor=ours.sign_flip.floor
sign_flip_method=ours.sign_flip.method sign_flip_holm=ours.sign_flip.holm seeds=ours.seeds note=ours.interval.note
published_value=paper.value published_low=paper.interval.low published_high=paper.interval.high published_n=paper.n
published_printed=paper.text published_source=paper.source published_note=paper.note
"""
_COUNTS = ("n", "n_seeds", "published_n")


def to_frame(
    records: Sequence[Record], columns: str = CELL_COLUMNS, left_out: Sequence[str] = (), sparse: bool = False
) -> pd.DataFrame:
    """The records as the csv's rows; ``sparse`` has no column of ours that no record measures."""
    places = {name: place for name, place in (pair.split("=") for pair in columns.split()) if name not in left_out}
    rows = [
        {name: _field(attrgetter(place)(record)) for name, place in places.items() if _is_field(record, place, sparse)}
        for record in records
    ]
    frame = pd.DataFrame(rows)
    return frame.astype({name: "Int64" for name in _COUNTS if name in frame})


def _is_field(record: Record, place: str, sparse: bool) -> bool:
    return not sparse or record.is_measured or not place.startswith("ours.") or place == "ours.seeds"


def _field(value: Any) -> Any:
    """Values by seed in one field, e.g. "7:11.8;11:18.1"; others as they are."""
    if not isinstance(value, Mapping):
        return value
    return ";".join(f"{seed}:{number:.10g}" for seed, number in sorted(value.items()) if number is not None)


def write_table(table: Table, records: pd.DataFrame, csv: Path | str, md: Path | str, tex: Path | str) -> None:
    """Write the three files, each whole or not at all; csv has ten significant digits and undefined as empty."""
    write_text(csv, records.to_csv(index=False, lineterminator="\n", float_format="%.10g"))
    write_text(md, to_markdown(table))
    write_text(tex, to_latex(table))
