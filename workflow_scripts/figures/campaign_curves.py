"""Curves over a campaign's steps and over a chain's campaigns, from a wave's statistics; pass rates in percent."""

import pandas as pd

from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.statistics.intervals import student_t


def step_frame(statistics: Statistics) -> pd.DataFrame:
    """Training pass rate (%) by controller, seed, campaign and step (from 1), one row each."""
    return pd.DataFrame(
        [
            (run["controller"], run["seed"], run["campaign"], step, 100 * rate)
            for run in statistics["trajectories"]
            for step, rate in enumerate(run["pass_rates"], start=1)
        ],
        columns=["controller", "seed", "campaign", "step", "pass_rate"],
    )


def probe_frame(statistics: Statistics) -> pd.DataFrame:
    """Held-out probe pass@1 (%) by controller, seed, campaign and step (0: before the first update), one row each."""
    return pd.DataFrame(
        [
            (run["controller"], run["seed"], run["campaign"], step, 100 * rate)
            for run in statistics["trajectories"]
            for step, rate in run["probe"]
        ],
        columns=["controller", "seed", "campaign", "step", "pass_rate"],
    )


def rolling_mean(rates: pd.Series, window: int) -> pd.Series:
    """The mean of each step and the ``window`` - 1 steps before it; the first steps, with fewer before them, have none.

    Trailing, so that no value rests on a step that came later.
    """
    return rates.rolling(window).mean().dropna()


def mean_by_step(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """The mean by step over the campaigns still running there: columns mean, low, high, campaigns, seeds.

    ``frame`` holds one controller. Campaigns of one chain are not independent, so each seed is averaged first, and the
    mean and its Student t interval (null below two seeds) are over seeds. Student t, because the percentile bootstrap
    of a handful of seeds is too narrow for a band that is read at a glance.
    """
    seed_means = frame.groupby(["step", "seed"])["pass_rate"].mean()
    by_step = seed_means.groupby("step")
    curve = pd.DataFrame({"mean": by_step.mean(), "seeds": by_step.size()})
    curve["campaigns"] = frame.groupby("step").size()
    bands = [_band(values.tolist(), level) for _, values in by_step]
    curve["low"] = [low for low, _ in bands]
    curve["high"] = [high for _, high in bands]
    return curve


def _band(values: list[float], level: float) -> tuple[float, float]:
    return student_t(values, level) if len(values) > 1 else (float("nan"), float("nan"))


def broken_where_campaigns_stop(curve: pd.DataFrame) -> pd.DataFrame:
    """The curve of ``mean_by_step`` with a null row between two steps that average different numbers of campaigns.

    A line through such a pair of steps would show a change of composition as a change of pass rate.
    """
    changed = curve["campaigns"].diff().fillna(0) != 0
    breaks = pd.DataFrame(index=curve.index[changed] - 0.5, columns=curve.columns, dtype=float)
    return pd.concat([curve, breaks]).sort_index() if len(breaks) else curve


def running_text(campaigns: pd.Series) -> str:
    """How many campaigns a curve averages, by step, e.g. "50 campaigns, 35 from step 11"."""
    changes = campaigns[campaigns.diff().fillna(1) != 0]
    first = f"{changes.iloc[0]} campaigns" if changes.iloc[0] != 1 else "1 campaign"
    if len(changes) > 3:
        return f"{first}, {campaigns.iloc[-1]} at step {campaigns.index[-1]}"
    return ", ".join([first, *(f"{count} from step {step}" for step, count in changes.iloc[1:].items())])


def campaign_frame(statistics: Statistics) -> pd.DataFrame:
    """One row per campaign: controller, seed, campaign, peak and end in percent, onset and latency in steps or null."""
    columns = ["controller", "seed", "campaign", "peak", "end", "onset", "latency", "steps"]
    frame = pd.DataFrame(statistics["campaigns"], columns=columns)
    frame[["peak", "end"]] *= 100
    return frame.astype({"onset": "Int64", "latency": "Int64"})
