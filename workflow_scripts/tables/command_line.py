"""The command line that tables share: statistics and the paper's numbers in, csv, md and tex out."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.files import read_json
from workflow_scripts.tables.cell_records import Record, to_frame
from workflow_scripts.tables.published_cells import read_published_cells
from workflow_scripts.tables.rendering import Table, write_table
from workflow_scripts.tables.wave_statistics import Statistics, index_by_wave

Build = Callable[[Statistics, dict[str, Any], Path], tuple[list[Record], Table]]


def run_table(description: str | None, number: int, roles: Mapping[str, str], build: Build) -> None:
    """Load the statistics of the waves in ``roles`` and the published table, build the table, write its three files."""
    parser = table_parser(description, number)
    add_statistics(parser, roles)
    arguments = parser.parse_args()
    published = read_published_cells(arguments.published)
    records, table = build(read_statistics(arguments, roles, number), published, arguments.published)
    write_outputs(arguments, table, to_frame(records))


def table_parser(description: str | None, number: int) -> argparse.ArgumentParser:
    """The parser of a numbered table."""
    return output_parser(f"tab{number:02d}", description, f"paper/published/table{number:02d}.yaml")


def output_parser(script: str, description: str | None, published: str) -> argparse.ArgumentParser:
    """A parser with the options that every table has: the paper's numbers and the three outputs."""
    parser = argparse.ArgumentParser(prog=f"python -m workflow_scripts.tables.{script}", description=description)
    parser.add_argument("--published", required=True, type=Path, help=f"the paper's numbers, e.g. {published}")
    parser.add_argument("--output-csv", required=True, type=Path, help="flat records: every value and interval")
    parser.add_argument("--output-md", required=True, type=Path, help="the table for a terminal")
    parser.add_argument("--output-tex", required=True, type=Path, help="the table for the paper (booktabs, array)")
    return parser


def add_statistics(parser: argparse.ArgumentParser, roles: Mapping[str, str]) -> None:
    """The statistics of those of the table's waves that are declared."""
    waves = ", ".join(roles)
    parser.add_argument("--statistics", nargs="*", default=[], help=f"statistics of waves {waves}, as far as declared")


def read_statistics(arguments: argparse.Namespace, roles: Mapping[str, str], number: int) -> Statistics:
    return index_by_wave([read_json(path, "statistics") for path in arguments.statistics], roles, number)


def write_outputs(arguments: argparse.Namespace, table: Table, frame: pd.DataFrame) -> None:
    write_table(table, frame, arguments.output_csv, arguments.output_md, arguments.output_tex)
