"""Cells that all tables share: a metric of the statistics as percent values, and those as text."""

from collections.abc import Callable
from typing import Any

from workflow_scripts.statistics.intervals import NO_WIDTH, has_no_width

UNDEFINED = "n/a"
NO_WIDTH_MARK = "†"  # behind an interval of width 0; the note under the table is rendering's


def metric_record(metric: dict[str, Any], scale: float = 100) -> dict[str, Any]:
    """A metric or paired contrast of the statistics as flat columns, null where undefined.

    Fractions become percent by ``scale``; 1 leaves counts as they are. Columns: mean,
    bootstrap_{low,high,method}, student_t_{low,high}, level, n, unit, seeds {seed: value}, sign_flip_{p,floor,method}
    (null for a metric that is not a contrast) and interval_notes, without those that are a mark in the table.
    """
    bootstrap = _interval(metric, f"bootstrap over {metric['unit']}s")
    student_t = _interval(metric, "Student t")
    sign_flip = metric.get("sign_flip", {"p_value": None, "floor": None, "method": None})
    values = metric["values"] if "values" in metric else metric["differences"]
    return {
        "mean": _scaled(metric["mean"], scale),
        "bootstrap_low": _scaled(bootstrap["low"], scale),
        "bootstrap_high": _scaled(bootstrap["high"], scale),
        "bootstrap_method": bootstrap["method"],
        "student_t_low": _scaled(student_t["low"], scale),
        "student_t_high": _scaled(student_t["high"], scale),
        "level": bootstrap["level"],
        "n": metric["n"],
        "unit": metric["unit"],
        "seeds": {value["seed"]: _scaled(value["value"], scale) for value in values},
        "sign_flip_p": sign_flip["p_value"],
        "sign_flip_floor": sign_flip["floor"],
        "sign_flip_method": sign_flip["method"],
        "interval_notes": [i["note"] for i in (bootstrap, student_t) if i["note"] not in (None, NO_WIDTH)],
    }


def _interval(metric: dict[str, Any], method: str) -> dict[str, Any]:
    # "bootstrap over seeds" is exact or resampled, by the number of seeds; a metric has one of the two.
    return next(interval for interval in metric["intervals"] if method in interval["method"])


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else scale * value


def number_cell(value: float | None, signed: bool = False) -> str:
    """A percent value with one decimal, e.g. "11.8" or, signed, "+2.0"; "n/a" where undefined."""
    if value is None:
        return UNDEFINED
    # Adding 0.0 turns a rounded -0.0 into 0.0.
    return f"{round(value, 1) + 0.0:{'+' if signed else ''}.1f}"


def interval_cell(low: float | None, high: float | None, signed: bool = False) -> str:
    """An interval of ours in brackets, e.g. "[5.2, 18.3]"; "n/a" where undefined."""
    if low is None or high is None:
        return UNDEFINED
    return measured_brackets(low, high, lambda bound: number_cell(bound, signed))


def measured_brackets(low: float, high: float, text: Callable[[float], str]) -> str:
    """An interval of ours in brackets; one of width 0 is marked."""
    return brackets(low, high, text) + (NO_WIDTH_MARK if has_no_width(low, high) else "")


def brackets(low: float, high: float, text: Callable[[float], str]) -> str:
    """An interval in brackets, its bounds as ``text`` writes them."""
    return f"[{text(low)}, {text(high)}]"


def estimate_cell(mean: float | None, low: float | None, high: float | None, signed: bool = False) -> str:
    """A mean with its interval, e.g. "11.8 [5.2, 18.3]"."""
    if mean is None:
        return UNDEFINED
    return f"{number_cell(mean, signed)} {interval_cell(low, high, signed)}"


def p_value_cell(p_value: float | None, floor: float | None) -> str:
    """A sign-flip p-value with the smallest one attainable, e.g. "0.1250 (0.0625)"."""
    if p_value is None or floor is None:
        return UNDEFINED
    return f"{p_value:.4f} ({floor:.4f})"


def seeds_text(seeds: dict[int, float | None]) -> str:
    """Values by seed in one field of a csv file, e.g. "7:11.8;11:18.1"."""
    return ";".join(f"{seed}:{value:.10g}" for seed, value in sorted(seeds.items()) if value is not None)
