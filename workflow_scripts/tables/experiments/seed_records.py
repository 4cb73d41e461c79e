"""What tables of experiments share: a mean over seeds as text and as a row of the csv, and the command line."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.contracts.statistics import Contrast, Metric, SeedValue
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics.intervals import STUDENT
from workflow_scripts.tables.frame.cells import UNDEFINED, interval_text, number_text
from workflow_scripts.tables.frame.measures import interval_in, scaled, seed_values
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Table, write_table


def student_t_text(metric: Metric | Contrast, column: Column) -> str:
    """Mean and Student t interval in the column's unit, e.g. "+19.3 [+17.5, +21.2]"."""
    found = next(one for one in metric["intervals"] if one["method"] == STUDENT)
    text = f"{number_text(scaled(metric['mean'], column), column)} {interval_text(interval_in(found, column), column)}"
    return text.removesuffix(f" {UNDEFINED}")


def seed_record(metric: Metric | Contrast) -> dict[str, Any]:
    """A row of the csv: mean, every interval and every seed's value, in the unit of the statistics."""
    row = {"mean": metric["mean"], "n": metric["n"], "unit": metric["unit"]}
    for interval in metric["intervals"]:
        row |= {f"{interval['method']}: low": interval["low"], f"{interval['method']}: high": interval["high"]}
    return row | {"seeds": _by_seed(seed_values(metric))}


def _by_seed(values: Sequence[SeedValue]) -> str:
    return ";".join(f"{one['seed']}:{one['value']:.10g}" for one in values)


def run_table(module: str, description: str | None, schema: str, build: Callable[[Any], tuple[Any, Table]]) -> None:
    """Read the one summary that the table is made from, named by its schema, and write the table's three files."""
    prog = f"python -m workflow_scripts.tables.experiments.{module}"
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument(f"--{schema.replace('_', '-')}", required=True, help=f"the summary ({schema}.schema.json)")
    for ending, what in (("csv", "every value and interval"), ("md", "for a terminal"), ("tex", "for the paper")):
        parser.add_argument(f"--output-{ending}", required=True, type=Path, help=f"the table: {what}")
    arguments = parser.parse_args()
    records, table = build(read_json(getattr(arguments, schema), schema))
    write_table(table, pd.DataFrame(records), arguments.output_csv, arguments.output_md, arguments.output_tex)
