"""The command line that all tables share: what was computed and the paper's numbers in, csv, md and tex out."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.tables.frame.published import Published, read_published
from workflow_scripts.tables.frame.records import ByWave
from workflow_scripts.tables.frame.rendering import Table, to_frame, write_table

# What a table may read, as its file in paper/published/ names it: the schema, and what it is.
SOURCES = {
    "statistics": ("statistics", "statistics of the table's waves, as far as declared"),
    "coverage": ("coverage", "how often intervals hold the true mean, simulated"),
    "waves": ("wave_declarations", "the waves as declared"),
    "timing": ("timing_summary", "what chains cost"),
    "evaluations": ("evaluations", "evaluated checkpoints"),
    "vectors": ("capability_vectors", "capability vectors, a file per chain"),
}


@dataclass(frozen=True)
class Inputs:
    """What a table is built from. ``settings`` are those that its file in paper/published/ names."""

    published: Published
    by_wave: ByWave = field(default_factory=dict)
    files: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def only(self, source: str) -> Any:
        """The one file of a kind; a ``UserError`` where there is none or another one."""
        files = self.files.get(source, ())
        if len(files) != 1:
            raise UserError(f"--{source}: {len(files)} files given; Table {self.published.table} is made from one")
        return files[0]


def run_table(
    description: str | None,
    build: Callable[[Inputs], tuple[Any, Table]],
    frame: Callable[[Any], pd.DataFrame] = to_frame,
    **settings: Callable[[str], Any],
) -> None:
    """Load what the table reads, build its records and the finished table, write its three files.

    ``frame`` makes the csv's rows from the records; ``settings`` are further options, each with its type.
    """
    prog = f"python -m workflow_scripts.tables.{Path(sys.argv[0]).stem}"
    parser = argparse.ArgumentParser(prog=prog, description=description)
    for source, (schema, what) in SOURCES.items():
        parser.add_argument(f"--{source}", nargs="*", default=[], help=f"{what} ({schema}.schema.json)")
    for name, kind in settings.items():
        parser.add_argument(f"--{name.replace('_', '-')}", required=True, type=kind, help=f"config.yaml: {name}")
    parser.add_argument("--published", required=True, help="the paper's numbers, e.g. paper/published/tab06.yaml")
    parser.add_argument("--output-csv", required=True, help="flat records: every value and interval")
    parser.add_argument("--output-md", required=True, help="the table for a terminal")
    parser.add_argument("--output-tex", required=True, help="the table for the paper (booktabs, array)")
    arguments = vars(parser.parse_args())
    published = read_published(arguments["published"])
    if unread := [source for source in SOURCES if arguments[source] and source not in published.reads]:
        raise UserError(f"--{unread[0]}: Table {published.table} does not read it, but {', '.join(published.reads)}")
    files = {source: [read_json(path, schema) for path in arguments[source]] for source, (schema, _) in SOURCES.items()}
    by_wave = index_by_wave(files["statistics"], published)
    records, table = build(Inputs(published, by_wave, files, {name: arguments[name] for name in settings}))
    write_table(table, frame(records), *(arguments[f"output_{ending}"] for ending in ("csv", "md", "tex")))


def index_by_wave(statistics: Sequence[Statistics], published: Published) -> ByWave:
    """The statistics by wave; a wave given twice, or without a row in this role, is a ``UserError``."""
    by_wave: dict[str, Statistics] = {}
    for one in statistics:
        wave, role = one["wave"], one["model"]["role"]
        if wave in by_wave:
            raise UserError(f"--statistics: wave {wave} is given twice; give each wave's file once")
        if published.roles.get(wave) != role:
            wanted = ", ".join(f"{name} (role {of})" for name, of in published.roles.items())
            raise UserError(
                f"--statistics: wave {wave} in the role of {role} has no row in Table {published.table}; "
                f"it takes {wanted}"
            )
        by_wave[wave] = one
    return by_wave
