"""Table ladder: rise, fall and mechanism of each reward at each constant learning rate, and the tests between them.

Not in the paper; what is asked and how it is decided: docs/preregistration.md.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Condition, Ladder
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics.intervals import STUDENT
from workflow_scripts.tables.frame.cells import interval_text, number_text
from workflow_scripts.tables.frame.measures import interval_in, scaled
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Panel, Table, write_table

_POINTS = Column("", "", "points", 1, signed=True)
_PERCENT = Column("", "", "percent", 1)
_NATS = Column("", "", "nats", 3, signed=True)
_HELD_OUT = {"Start": "start", "Peak": "peak", "End": "end"}
_CHANGES = {"Rise": "rise", "Fall": "fall", "pass@n, end - start": "pass@n_change"}
_AFTER_PEAK = {"Training": "training_change_after_peak", "Distinct": "distinct_change_after_peak"}


def build(ladder: Ladder) -> tuple[pd.DataFrame, Table]:
    """The csv's rows, one for each condition and measure, and the finished table."""
    conditions, probe = ladder["conditions"], ladder["probe"]
    model = ladder["model"]
    notes = [
        f"{model['name']} ({model['parameters']:,} parameters) as {model['role']}, testbed {ladder['testbed']}; "
        f"{ladder['steps']} steps of {ladder['prompts_per_step']} problems x {ladder['group_size']} completions. Held "
        f"out: {probe['n_problems']} problems of {probe['split']} x {probe['samples_per_problem']} completions.",
        f"Brackets: {STUDENT}, {100 * ladder['level']:g} %, of the mean over seeds; bootstrap intervals and every "
        "seed's value are in the csv file and in statistics/ladder.json.",
        "Peak: the probe whose mean over the other seeds is highest, read off this seed. Rise: peak - start. Fall: "
        f"peak - end. Training, entropy and distinct completions: mean of the last {ladder['window']} steps less that "
        f"of the {ladder['window']} steps up to the peak. Clipped: steps whose gradient was scaled down.",
        "Rises, falls: the interval is above 0. Mechanism of a fall: narrowing (entropy down, training not), melting "
        "(training down, entropy up), or mixed. Less variety: pass@n down and pass@1 not.",
        f"Tests: {'; '.join(sorted({one['method'] for one in ladder['comparisons']}))}; Holm's correction over the "
        "rates of a question; in parentheses the smallest p attainable.",
        *(
            f"Left out: {one['reward']} at {one['learning_rate']:g}, seed {one['seed']}: {one['reason']}."
            for one in ladder["excluded"]
        ),
    ]
    panels = [
        Panel("Held-out problems (%)", pd.DataFrame([_held_out(one) for one in conditions]), "ll" + "r" * 6 + "r"),
        Panel(
            "After the peak, and the verdict", pd.DataFrame([_verdict(one) for one in conditions]), "ll" + "r" * 4 + "l"
        ),
        Panel("Between conditions (points)", pd.DataFrame(_tests(ladder)), "lrrrrr"),
    ]
    caption = "What each reward does in one campaign at a constant learning rate"
    return _records(conditions), Table("ladder", caption, panels, notes)


def _named(condition: Condition) -> dict[str, str]:
    return {"Reward": condition["reward"], "Rate": f"{condition['learning_rate']:g}"}


def _held_out(condition: Condition) -> dict[str, str]:
    metrics = condition["metrics"]
    values = {name: number_text(scaled(metrics[key]["mean"], _PERCENT), _PERCENT) for name, key in _HELD_OUT.items()}
    changes = {name: _estimate(metrics[key], _POINTS) for name, key in _CHANGES.items()}
    return {**_named(condition), **values, **changes, "n": str(len(condition["seeds"]))}


def _verdict(condition: Condition) -> dict[str, str]:
    metrics = condition["metrics"]
    said = [word for word, key in (("rises", "rises"), ("falls", "falls")) if condition[key]]  # type: ignore[literal-required]
    verdict = " and ".join(said) or "neither"
    verdict += f": {condition['mechanism']}" if condition["mechanism"] else ""
    return {
        **_named(condition),
        **{name: _estimate(metrics[key], _POINTS) for name, key in _AFTER_PEAK.items()},
        "Entropy (nats)": _estimate(metrics["entropy_change_after_peak"], _NATS),
        "Clipped": f"{100 * condition['clipped_share']:.0f} %",
        "Verdict": f"{verdict}; less variety" if condition["loses_variety"] else verdict,
    }


def _tests(ladder: Ladder) -> list[dict[str, str]]:
    return [
        {
            "Question": one["question"],
            "Rate": f"{one['learning_rate']:g}",
            "Difference": number_text(100 * one["difference"], _POINTS),
            "p": f"{one['p_value']:.2g} ({one['floor']:.1g})",
            "Holm": f"{one['holm']:.2g}",
            "n": " + ".join(map(str, one["n"])),
        }
        for one in ladder["comparisons"]
    ]


def _estimate(metric: Metric, column: Column) -> str:
    """Mean and Student t interval in the column's unit."""
    found = next(one for one in metric["intervals"] if one["method"] == STUDENT)
    return f"{number_text(scaled(metric['mean'], column), column)} {interval_text(interval_in(found, column), column)}"


def _records(conditions: Sequence[Condition]) -> pd.DataFrame:
    """Every measure of every condition with every interval; fractions and nats."""
    rows: list[dict[str, Any]] = []
    for condition in conditions:
        for measure, metric in condition["metrics"].items():
            row = {"reward": condition["reward"], "learning_rate": condition["learning_rate"], "measure": measure}
            row |= {"mean": metric["mean"], "n": metric["n"], "unit": metric["unit"]}
            for interval in metric["intervals"]:
                row |= {f"{interval['method']}: {bound}": interval[bound] for bound in ("low", "high")}
            rows.append(row | {"seeds": ";".join(f"{one['seed']}:{one['value']:.10g}" for one in metric["values"])})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.tables.experiments.ladder_table", description=__doc__
    )
    parser.add_argument("--ladder", required=True, help="results/{testbed}/statistics/ladder.json")
    for ending, what in (("csv", "every value and interval"), ("md", "for a terminal"), ("tex", "for the paper")):
        parser.add_argument(f"--output-{ending}", required=True, type=Path, help=f"the table: {what}")
    arguments = parser.parse_args()
    records, table = build(read_json(arguments.ladder, "ladder"))
    write_table(table, records, arguments.output_csv, arguments.output_md, arguments.output_tex)


if __name__ == "__main__":
    run(main)
