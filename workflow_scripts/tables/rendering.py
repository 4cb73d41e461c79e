"""One table as data (csv), for the terminal (md) and for the paper (tex), all from pandas frames."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from workflow_scripts.core.files import write_text
from workflow_scripts.statistics.intervals import NO_WIDTH
from workflow_scripts.tables.cells import NO_WIDTH_MARK

_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "%": r"\%",
        "_": r"\_",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "≈": r"$\approx$",
        "±": r"$\pm$",
        "†": r"$\dagger$",
    }
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
    parts = [f"# Table {table.number}. {table.caption}"]
    for panel in table.panels:
        cells = panel.frame.map(lambda cell: cell.replace("|", r"\|"))
        # Without disable_numparse tabulate would print "10.0" as "10".
        grid = cells.to_markdown(index=False, tablefmt="github", disable_numparse=True)
        parts.append(f"**{panel.title}**\n\n{grid}")
    parts.append("\n".join(f"- {note}" for note in _notes(table)))
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


def to_csv(records: pd.DataFrame) -> str:
    """The records behind a table, numbers at ten significant digits, an undefined one as an empty cell."""
    return records.to_csv(index=False, lineterminator="\n", float_format="%.10g")


def write_table(table: Table, records: pd.DataFrame, csv: Path | str, md: Path | str, tex: Path | str) -> None:
    """Write the three files, each whole or not at all."""
    write_text(csv, to_csv(records))
    write_text(md, to_markdown(table))
    write_text(tex, to_latex(table))
