"""Estimates from the statistics of waves and from evaluations, in the unit of a table's column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import stdev
from typing import Any, TypeVar

from workflow_scripts.core.contracts.evaluated import Evaluation
from workflow_scripts.core.contracts.statistics import Contrast, Metric, SeedValue, Statistics
from workflow_scripts.core.contracts.statistics import Interval as FoundInterval
from workflow_scripts.statistics.contrasts import holm
from workflow_scripts.tables.frame.records import (
    ByWave,
    Column,
    Estimate,
    Found,
    Interval,
    Record,
    Row,
    Runs,
    SignFlip,
)

Run = TypeVar("Run", bound=Mapping[str, Any])


def missing_reason(by_wave: Runs, wave: str | None, name: str | None, part: str = "controllers") -> str | None:
    """Why a controller of a wave has no value, in words that begin with "not run"; None where it was run."""
    if wave is None or wave not in by_wave:
        return f"not run: no statistics of wave {wave}"
    return None if name in by_wave[wave][part] else f"not run: {name} is not in wave {wave}"


def where_run(
    by_wave: Mapping[str, Run], measure: Callable[[Run, Row, Column], Found]
) -> Callable[[Row, Column], Found]:
    """``measure(statistics, row, column)`` of the row's wave, or why its controller was not run there."""

    def measure_row(row: Row, column: Column) -> Found:
        reason = missing_reason(by_wave, row.wave, row.controller)
        return reason or measure(by_wave[row.wave or ""], row, column)

    return measure_row


def find_metric(by_wave: ByWave, row: Row, key: str) -> Metric | Contrast | str:
    """A row's metric or paired contrast in the statistics, or in words why there is none."""
    part, name = ("paired", row.contrast) if row.contrast else ("controllers", row.controller)
    if reason := missing_reason(by_wave, row.wave, name, part):
        return reason
    statistics = by_wave[row.wave or ""]
    found: Mapping[str, Mapping[str, Metric | Contrast]]
    found = statistics["paired"] if row.contrast else statistics["controllers"]
    metric = found[name or ""].get(key)
    if metric is None:
        return f"not run: {key} is not among the statistics of wave {row.wave}"
    return metric if metric["n"] else f"no chain of wave {row.wave} counts"


def chain_metric(statistics: Statistics, row: Row, column: Column) -> Found:
    """A row's metric over its chains, or its paired difference; None where the wave has only one of the two."""
    if row.contrast is None:
        return chain_estimate(statistics["controllers"][row.controller or ""][column.name], column)
    contrast = statistics["paired"].get(row.contrast)
    return None if contrast is None else chain_estimate(contrast[column.name], column)


def campaign_metric(statistics: Statistics, row: Row, column: Column) -> Found:
    """A metric over all campaigns of a row's chains; None for a gap threshold that was not asked for.

    Its interval is a cluster bootstrap over seeds; beside it stands the one over campaigns.
    """
    metric = statistics["campaign_metrics"][row.controller or ""].get(column.name)
    if metric is None:
        return None
    clusters, campaigns = (interval_in(interval, column) for interval in metric["intervals"])
    value, n, n_seeds = scaled(metric["mean"], column), metric["defined"], metric["n_seeds"]
    return Estimate(value, n=n, unit="campaign", n_seeds=n_seeds, interval=clusters, by_campaign=campaigns)


def plain_estimate(value: float | None, column: Column, n: int, unit: str = "seed") -> Estimate:
    """A value without an interval; ``value`` is a fraction where the column's unit is percent."""
    return Estimate(scaled(value, column), n=n, unit=unit, n_seeds=n if unit == "seed" else None)


def chain_estimate(metric: Metric | Contrast | str, column: Column) -> Found:
    """A metric or paired contrast over chains, with its intervals; words stay as they are."""
    if isinstance(metric, str):
        return metric
    # "bootstrap over seeds" is exact or resampled, by the number of seeds; a metric has one of the two.
    bootstrap, student_t, bca = (
        next(
            (interval_in(interval, column) for interval in metric["intervals"] if words in interval["method"]),
            Interval(),
        )
        for words in ("bootstrap over", "Student t", "BCa over")
    )
    sign_flip, improved = SignFlip(), None
    if "sign_flip" in metric:
        test, improved = metric["sign_flip"], metric["probability_of_improvement"]
        sign_flip = SignFlip(test["p_value"], test["floor"], test["method"])
    seeds = {
        entry["seed"]: value for entry in seed_values(metric) if (value := scaled(entry["value"], column)) is not None
    }
    return Estimate(
        scaled(metric["mean"], column),
        sd=stdev(seeds.values()) if len(seeds) > 1 else None,
        n=metric["n"],
        unit=metric["unit"],
        n_seeds=metric["n"],
        interval=bootstrap,
        student_t=student_t,
        bca=bca,
        sign_flip=sign_flip,
        iqm=scaled(metric["iqm"], column) if "iqm" in metric else None,
        improved=improved,
        seeds=seeds,
    )


def with_holm(records: Sequence[Record]) -> list[Record]:
    """The records as one family of tests: each that has a p-value with Holm's, adjusted over all of them."""
    tested = {place: p for place, record in enumerate(records) if (p := record.ours.sign_flip.p) is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return [
        replace(record, ours=replace(record.ours, sign_flip=replace(record.ours.sign_flip, holm=adjusted[place])))
        if place in adjusted
        else record
        for place, record in enumerate(records)
    ]


def seed_values(metric: Metric | Contrast) -> list[SeedValue]:
    """Every seed's value, or difference."""
    return metric["differences"] if "differences" in metric else metric["values"]


def checkpoint_estimate(evaluated: Evaluation, column: Column) -> Estimate:
    """pass@1 of one checkpoint; its interval is over problems."""
    interval = evaluated["intervals"]["pass@1"]
    assert interval is not None  # only a higher k may have too few samples
    value = scaled(evaluated["pass@1"], column)
    return Estimate(value, n=evaluated["n"], unit="problem", interval=interval_in(interval, column))


def scaled(value: float | None, column: Column) -> float | None:
    """A value of the statistics in the column's unit."""
    return None if value is None else column.scale * value


def interval_in(interval: FoundInterval, column: Column) -> Interval:
    """An interval of the statistics in the column's unit."""
    low, high = scaled(interval["low"], column), scaled(interval["high"], column)
    return Interval(low, high, interval["method"], interval["level"], interval["note"])
