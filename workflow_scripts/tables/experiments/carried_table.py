"""Table carried: what each controller delivers, by how many updates, and whether it is more than naive chaining does.

Not in the paper; what is asked and how it is decided: docs/preregistration.md.
"""

from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Carried, DoseContrast
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.statistics.intervals import STUDENT
from workflow_scripts.tables.experiments.seed_records import run_table, seed_record, student_t_text
from workflow_scripts.tables.frame.cells import NOTHING, number_text
from workflow_scripts.tables.frame.measures import scaled
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Panel, Table

_PERCENT, _POINTS = Column("", "", "percent", 1), Column("", "", "points", 1, signed=True)
_COUNT = Column("", "", "updates", 1)
_COLUMNS = {
    "Carried (%)": ("carried", _PERCENT),
    "End (%)": ("end", _PERCENT),
    "Lineage (updates)": ("lineage", _COUNT),
    "Rates": ("sum_of_rates", _COUNT),
    "Squares": ("sum_of_squared_rates", _COUNT),
    "Steps": ("steps", _COUNT),
}


def build(carried: Carried) -> tuple[list[dict[str, Any]], Table]:
    """The csv's rows, one for each controller and measure, and the finished table."""
    model, probe = carried["model"], carried["probe"]
    base = next(iter(carried["controllers"].values()))["base"]
    delivered = [
        {
            "Controller": name,
            **{heading: _cell(metrics[key], column) for heading, (key, column) in _COLUMNS.items()},
            "n": str(metrics["carried"]["n"]),
        }
        for name, metrics in carried["controllers"].items()
    ]
    notes = [
        f"{model['name']} ({model['parameters']:,} parameters) as {model['role']}, testbed {carried['testbed']}, wave "
        f"{carried['wave']}: {carried['campaigns']} campaigns at a learning rate of {carried['learning_rate']:g}. Held "
        f"out: {probe['n_problems']} problems of {probe['split']} x {probe['samples_per_problem']} completions; the "
        f"base model passes {number_text(scaled(base['mean'], _PERCENT), _PERCENT)} %.",
        "Carried: the probe before the first update of the last campaign. End: the probe after its last update. "
        "Lineage: updates at a rate above 0 that the carried checkpoint went through; rates and squares: sums over "
        "them of rate / base rate, and of its square. Steps: all that were computed, the last campaign's included.",
        f"Brackets: {STUDENT}, {100 * carried['level']:g} %, of the mean over seeds; other intervals and every seed's "
        "value are in the csv file and in the statistics.",
        "Differences are paired by seed; chains of a seed share the first campaign. p: "
        f"{'; '.join(dict.fromkeys(one['carried']['sign_flip']['method'] for one in carried['contrasts'])) or 'none'}, "
        "with the smallest p attainable. Holm: corrected over the contrasts with the baseline.",
        *(
            f"Left out: {one['controller']}, seed {one['seed']}, campaign {one['campaign']}: {one['reason']}."
            for one in carried["excluded"]
        ),
    ]
    contrasts = pd.DataFrame([_contrast(one) for one in carried["contrasts"]])
    panels = [
        Panel("What is delivered", pd.DataFrame(delivered), "l" + "r" * 7),
        Panel("Differences (points)", contrasts, "lrrrr"),
    ]
    caption = f"What controllers deliver at the learning rate that learns best ({carried['wave']})"
    return _records(carried), Table(f"carried-{carried['wave']}", caption, panels, notes)


def _cell(metric: Metric, column: Column) -> str:
    return student_t_text(metric, column) if column.unit == "percent" else number_text(metric["mean"], column)


def _contrast(one: DoseContrast) -> dict[str, str]:
    test = one["carried"]["sign_flip"]
    known = test["p_value"] is not None and test["floor"] is not None
    return {
        "Difference": one["contrast"],
        "Carried": student_t_text(one["carried"], _POINTS),
        "p": f"{test['p_value']:.3g} ({test['floor']:.1g})" if known else NOTHING,
        "Holm": f"{test['holm']:.3g}" if test["tests"] > 1 and test["holm"] is not None else NOTHING,
        "End": student_t_text(one["end"], _POINTS),
    }


def _records(carried: Carried) -> list[dict[str, Any]]:
    """Every measure of every controller and contrast, with every interval; fractions and updates."""
    rows = [
        {"of": name, "measure": measure, **seed_record(metric)}
        for name, metrics in carried["controllers"].items()
        for measure, metric in metrics.items()
    ]
    for one in carried["contrasts"]:
        for measure, contrast in (("carried", one["carried"]), ("end", one["end"])):
            test = contrast["sign_flip"]
            p_values = {"sign_flip_p": test["p_value"], "sign_flip_floor": test["floor"]}
            p_values |= {"holm": test["holm"] if test["tests"] > 1 else None}
            rows.append({"of": one["contrast"], "measure": measure, **seed_record(contrast), **p_values})
    return rows


def main() -> None:
    run_table("carried_table", __doc__, "carried", build)


if __name__ == "__main__":
    run(main)
