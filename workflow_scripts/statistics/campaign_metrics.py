"""What the campaigns of a controller's chains say together: means over all of them, and by their place in the chain.

The rows are those of ``campaign_outcomes``; the shared first campaign counts for every controller (section 5.9).
"""

import statistics
from collections.abc import Sequence

import pandas as pd

from workflow_scripts.core.contracts.statistics import CampaignMetric, Position
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.campaign_intervals import campaign_interval, cluster_interval
from workflow_scripts.statistics.intervals import Bootstrap, mean

# Columns of the rows whose means are reported: Table 11's, Table 16's and the held-out probe's.
_COLUMNS = (
    "peak",
    "end",
    "gap",
    "collapsed",
    "phase_transition",
    "onset",
    "latency",
    "probe_peak",
    "probe_end",
    "probe_gap",
)
_ROUNDING = 1e-9  # a gap of exactly the threshold is not above it, whatever its last bit


def campaign_metrics(
    campaign_table: pd.DataFrame, gap_thresholds: Sequence[float], bootstrap: Bootstrap, seed_parts: Sequence[str]
) -> dict[str, CampaignMetric]:
    """Each metric's mean over one controller's campaigns, with intervals by two units (``campaign_metric``).

    Beside the columns, ``gap_above_X`` is the share of campaigns whose gap exceeds X ("collapse rate", Table 11). A
    campaign where a metric is undefined (no gap, no onset, no probe) is not part of its mean: ``defined`` of ``n`` are.
    ``seed_parts`` name what random resamples are derived from.
    """
    values = campaign_table[["seed", *_COLUMNS]]
    for threshold in gap_thresholds:
        values = values.assign(**{f"gap_above_{threshold:g}": values["gap"] > threshold + _ROUNDING})
    return {
        str(metric): _metric(values[["seed", metric]], bootstrap, [*seed_parts, str(metric)])
        for metric in values.columns.drop("seed")
    }


def carryover(campaign_table: pd.DataFrame) -> list[Position]:
    """By place in the chain, the mean first, highest and last pass rate over one controller's chains (section 5.9)."""
    entries: list[Position] = []
    for place in sorted(set(campaign_table["campaign"].tolist())):
        rows = campaign_table[campaign_table["campaign"] == place]
        start, peak, end = (statistics.mean(rows[moment].tolist()) for moment in ("start", "peak", "end"))
        entries.append({"campaign": place, "mean_start": start, "mean_peak": peak, "mean_end": end, "n": len(rows)})
    return entries


def _metric(table: pd.DataFrame, bootstrap: Bootstrap, seed_parts: Sequence[str]) -> CampaignMetric:
    """``campaign_metric`` in ``statistics.schema.json`` of a table with a seed and a value in each row."""
    clusters = [rows.iloc[:, 1].dropna().astype(float).tolist() for _, rows in table.groupby("seed", sort=False)]
    values = [value for cluster in clusters for value in cluster]
    return {
        "mean": mean(values),
        "n": len(table),
        "defined": len(values),
        "n_seeds": len(clusters),
        "intervals": [
            cluster_interval(clusters, bootstrap, derive_seed("cluster bootstrap", *seed_parts)),
            campaign_interval(values, bootstrap, derive_seed("bootstrap over campaigns", *seed_parts)),
        ],
    }
