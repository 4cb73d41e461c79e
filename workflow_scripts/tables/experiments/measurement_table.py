"""Table measurement: what of a wave's rise and fall could be its grader, drift, or the choice of a maximum.

Not in the paper; what is asked and how it is decided: docs/preregistration.md.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.measurements import Measurement, Share
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.statistics.measurement.ratios import FIELLER
from workflow_scripts.tables.experiments.seed_records import run_table, seed_record, student_t_text
from workflow_scripts.tables.frame.cells import NOTHING, number_text
from workflow_scripts.tables.frame.measures import scaled
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Panel, Table

_PERCENT, _POINTS = Column("", "", "percent", 1), Column("", "", "points", 1, signed=True)
_GAP, _SLOPE, _SHARE = (
    Column("", "", "points", 1),
    Column("", "", "points", 2, signed=True),
    Column("", "", "percent", 0),
)
_CURVES = {"steps": "steps", "step_means": "{window}-step means", "probe": "probe"}


def build(measurement: Measurement) -> tuple[list[dict[str, Any]], Table]:
    """The csv's rows, one for each measure of each controller, and the finished table."""
    model, probe, grader = measurement["model"], measurement["peaks"]["probe"], measurement["grader"]
    drift, still = measurement["stationarity"], measurement["still"]
    notes = [
        f"{model['name']} ({model['parameters']:,} parameters) as {model['role']}, testbed {measurement['testbed']}, "
        f"wave {measurement['wave']}: {measurement['campaigns']} campaigns at a learning rate of "
        f"{measurement['learning_rate']:g}; {still} learns nothing after the first.",
        f"Brackets: Student t, {100 * measurement['level']:g} %, of the mean over seeds; of shares, Fieller's from it. "
        "Bootstrap intervals over seeds and every seed's value are in the csv file and in statistics/measurement.json.",
        f"Grader: all {grader['rollouts']:,} rollouts of the wave, which are {grader['programs']:,} programs; equal "
        f"programs of a problem are graded again together. {grader['repeated_programs']:,} of them were graded in "
        f"several campaigns, {grader['inconsistent_programs']:,} with several verdicts. Gap: peak less end of a "
        "campaign's pass rates, mean over all campaigns.",
        f"Peaks: of the last campaign. Sampled again: its checkpoints on {probe['n_problems']} problems of "
        f"{probe['split']} x {probe['samples_per_problem']} completions; the curve is of training problems. "
        "Regression: the curve's gap less the resampled one. Sampling: standard error of a seed's resampled gap on "
        "these problems.",
        "Ease of a problem: its pass rate in the chains of the other seeds that learn nothing. "
        f"{drift['draws_without_ease']:,} of {drift['draws']:,} draws are of problems that none of these drew. Trend: "
        f"least-squares slope over campaigns. Campaigns drew from {drift['pools']} file(s) of problems.",
        f"Gaps: campaigns after the first. Permuted: the steps in any order ({measurement['orders']:,} drawn orders "
        f"for {measurement['window']}-step means, else exactly the maximum less the mean). Excess: observed less "
        f"permuted. Shares: mean permuted gap, and mean gap of {still}, over the mean observed one. Probes draw "
        f"with the same random numbers at each step, so that {still}'s gap on them is 0 by construction.",
        *(
            f"Left out: {one['controller']}, seed {one['seed']}, campaign {one['campaign']}: {one['reason']}."
            for one in measurement["excluded"]
        ),
    ]
    panels = [
        Panel("Rollouts by verdict", _verdicts(measurement), "llrr"),
        Panel("Gaps by verdicts (points)", _by_verdicts(measurement), "lrrrr"),
        Panel("Peaks sampled again", _peaks(measurement), "l" + "r" * 8),
        Panel("By campaign (%)", _by_campaign(measurement), "r" * (1 + 2 * len(drift["reward"]))),
        Panel("Trend (points a campaign)", _trends(measurement), "lrr"),
        Panel("Gaps and chance (points)", _gaps(measurement), "ll" + "r" * 6),
    ]
    caption = "What of the rise and fall could be the grader, drift, or the choice of a maximum"
    return list(_records(measurement)), Table("measurement", caption, panels, notes)


def _verdicts(measurement: Measurement) -> pd.DataFrame:
    rows = [
        {"Stored": one["stored"], "Again": one["new"], "Rollouts": f"{one['rollouts']:,}"}
        | {"Programs": f"{one['programs']:,}"}
        for one in measurement["grader"]["verdicts"]
    ]
    return pd.DataFrame(rows)


def _by_verdicts(measurement: Measurement) -> pd.DataFrame:
    rows = [
        {
            "Controller": name,
            "Stored verdicts": student_t_text(gaps["stored"], _GAP),
            "New verdicts": student_t_text(gaps["regraded"], _GAP),
            "Difference": student_t_text(gaps["difference"], _SLOPE),
            "n": str(gaps["stored"]["n"]),
        }
        for name, gaps in measurement["grader"]["gaps"].items()
    ]
    return pd.DataFrame(rows)


def _peaks(measurement: Measurement) -> pd.DataFrame:
    rows = [
        {
            "Controller": name,
            "Curve: peak": _mean(own["curve_peak"], _PERCENT),
            "end": _mean(own["curve_end"], _PERCENT),
            "gap": student_t_text(own["curve_gap"], _GAP),
            "Again: peak": _mean(own["resampled_peak"], _PERCENT),
            "end ": _mean(own["resampled_end"], _PERCENT),
            "gap ": student_t_text(own["resampled_gap"], _POINTS),
            "Regression": student_t_text(own["regression"], _POINTS),
            "Sampling": _mean(own["sampling_error"], _GAP),
        }
        for name, own in measurement["peaks"]["controllers"].items()
    ]
    return pd.DataFrame(rows)


def _by_campaign(measurement: Measurement) -> pd.DataFrame:
    drift = measurement["stationarity"]
    rows = [
        {"Campaign": str(campaign)}
        | {
            f"{name}: {what}": number_text(100 * courses[name]["mean"][place], _PERCENT)
            for name in drift["reward"]
            for what, courses in (("reward", drift["reward"]), ("ease", drift["ease"]))
        }
        for place, campaign in enumerate(drift["campaigns"])
    ]
    return pd.DataFrame(rows)


def _trends(measurement: Measurement) -> pd.DataFrame:
    drift = measurement["stationarity"]
    rows = [
        {
            "Controller": name,
            "Reward": student_t_text(drift["reward"][name]["trend"], _SLOPE),
            "Ease of the problems drawn": student_t_text(drift["ease"][name]["trend"], _SLOPE),
        }
        for name in drift["reward"]
    ]
    return pd.DataFrame(rows)


def _gaps(measurement: Measurement) -> pd.DataFrame:
    rows = [
        {
            "Of": _CURVES[curve].format(window=measurement["window"]),
            "Controller": name,
            "Observed": student_t_text(own["observed"], _GAP),
            "Permuted": student_t_text(own["permuted"], _GAP),
            "Excess": student_t_text(own["excess"], _POINTS),
            "Permuted (%)": _share_text(own["share_of_permuted"]),
            f"{measurement['still']} (%)": _share_text(own["share_of_still"]),
            "n": str(own["observed"]["n"]),
        }
        for curve in _CURVES
        for name, own in measurement["gaps"].get(curve, {}).items()
    ]
    return pd.DataFrame(rows)


def _mean(metric: Metric, column: Column) -> str:
    return number_text(scaled(metric["mean"], column), column)


def _share_text(share: Share | None) -> str:
    if share is None or share["value"] is None:
        return NOTHING
    found = next(one for one in share["intervals"] if one["method"] == FIELLER)
    value = number_text(100 * share["value"], _SHARE)
    if found["low"] is None or found["high"] is None:
        return f"{value} [no bounds]"
    return f"{value} [{number_text(100 * found['low'], _SHARE)}, {number_text(100 * found['high'], _SHARE)}]"


def _records(measurement: Measurement) -> Iterator[dict[str, Any]]:
    """Every measure of every controller with every interval; fractions, and slopes per campaign."""
    parts: list[tuple[str, str, Any]] = [
        *(("grader", name, gaps) for name, gaps in measurement["grader"]["gaps"].items()),
        *(("peaks", name, own) for name, own in measurement["peaks"]["controllers"].items()),
        *(
            (f"trend of {what}", name, {"trend": course["trend"]})
            for what in ("reward", "ease")
            for name, course in measurement["stationarity"][what].items()
        ),
        *((f"gaps of {curve}", name, own) for curve, of in measurement["gaps"].items() for name, own in of.items()),
    ]
    for part, controller, measures in parts:
        for measure, found in measures.items():
            if found is not None:
                values = _share_record(found) if "value" in found else seed_record(found)
                yield {"part": part, "controller": controller, "measure": measure, **values}


def _share_record(share: Share) -> dict[str, Any]:
    row: dict[str, Any] = {"mean": share["value"], "n": share["n"], "unit": share["unit"]}
    for interval in share["intervals"]:
        row |= {f"{interval['method']}: low": interval["low"], f"{interval['method']}: high": interval["high"]}
    return row


def main() -> None:
    run_table("measurement_table", __doc__, "measurement", build)


if __name__ == "__main__":
    run(main)
