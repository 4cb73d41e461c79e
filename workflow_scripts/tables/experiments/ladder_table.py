"""Table ladder: rise, fall and mechanism of each reward at each constant learning rate, and the tests between them.

Not in the paper; what is asked and how it is decided: docs/preregistration.md.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Condition, Ladder
from workflow_scripts.statistics.intervals import STUDENT
from workflow_scripts.tables.experiments.seed_records import run_table, seed_record, student_t_text
from workflow_scripts.tables.frame.cells import number_text
from workflow_scripts.tables.frame.measures import scaled
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Panel, Table

_POINTS = Column("", "", "points", 1, signed=True)
_PERCENT = Column("", "", "percent", 1)
_NATS = Column("", "", "nats", 3, signed=True)
_HELD_OUT = {"Start": "start", "Peak": "peak", "End": "end"}
_CHANGES = {"Rise": "rise", "Fall": "fall", "pass@n, end - start": "pass@n_change"}
_AFTER_PEAK = {"Training": "training_change_after_peak", "Distinct": "distinct_change_after_peak"}


def build(ladder: Ladder) -> tuple[list[dict[str, Any]], Table]:
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
    changes = {name: student_t_text(metrics[key], _POINTS) for name, key in _CHANGES.items()}
    return {**_named(condition), **values, **changes, "n": str(len(condition["seeds"]))}


def _verdict(condition: Condition) -> dict[str, str]:
    metrics = condition["metrics"]
    said = [word for word, does in (("rises", condition["rises"]), ("falls", condition["falls"])) if does]
    verdict = " and ".join(said) or "neither"
    verdict += f": {condition['mechanism']}" if condition["mechanism"] else ""
    return {
        **_named(condition),
        **{name: student_t_text(metrics[key], _POINTS) for name, key in _AFTER_PEAK.items()},
        "Entropy (nats)": student_t_text(metrics["entropy_change_after_peak"], _NATS),
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


def _records(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """Every measure of every condition with every interval; fractions and nats."""
    return [
        {"reward": one["reward"], "learning_rate": one["learning_rate"], "measure": measure, **seed_record(metric)}
        for one in conditions
        for measure, metric in one["metrics"].items()
    ]


def main() -> None:
    run_table("ladder_table", __doc__, "ladder", build)


if __name__ == "__main__":
    run(main)
