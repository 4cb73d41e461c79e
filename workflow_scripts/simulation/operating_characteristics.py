"""What a controller achieves over simulated chains: end pass@1, steps, collapses, and alarms, true and false.

An *alarm* is a pilot or a reject after a campaign. It is *false* where that campaign had not collapsed: its true end /
peak was at or above the threshold that the plan was decided by (a fixed one for controllers that name none), whatever
the noisy pass rates said. The false alarm rate is a chain's false alarms over its campaigns, the last one aside, that
had not collapsed.
"""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.core.contracts.simulations import Estimate
from workflow_scripts.simulation.chain_simulation import SimulatedChains
from workflow_scripts.simulation.collapse_process import Array

INTERVAL = "normal, over chains"


def characteristics(
    chains: SimulatedChains, collapse_ratio: float, alarm_threshold: float, confidence: float
) -> dict[str, Estimate]:
    """Each characteristic's mean over chains, its normal interval and n, the chains that have a value.

    Rates are fractions; ``steps`` and counts (collapses, alarms) are per chain.
    """
    values = per_chain(chains, collapse_ratio, alarm_threshold)
    return {name: estimate(value, confidence) for name, value in values.items()}


def per_chain(chains: SimulatedChains, collapse_ratio: float, alarm_threshold: float) -> dict[str, Array]:
    """The characteristics of each chain (n,); NaN where a chain has none."""
    true_ratio = _ratio(chains.true_end, chains.true_peak)
    observed_ratio = _ratio(chains.observed_end, chains.observed_peak)
    threshold = np.where(np.isnan(chains.threshold), alarm_threshold, chains.threshold)
    sound = (true_ratio >= threshold)[:, :-1]
    pilots, rejects = (chains.actions[:, 1:] == action for action in ("pilot", "reject"))
    n_sound = sound.sum(axis=1).astype(float)
    false = _count(sound & (pilots | rejects))
    return {
        "end_true": chains.true_end[:, -1],
        "end_observed": chains.observed_end[:, -1],
        "mean_true": chains.true_end.mean(axis=1),
        "steps": chains.steps.sum(axis=1).astype(float),
        "collapses_true": _count(true_ratio < collapse_ratio),
        "collapses_observed": _count(observed_ratio < collapse_ratio),
        "pilots": _count(pilots),
        "rejects": _count(rejects),
        "false_pilots": _count(sound & pilots),
        "false_rejects": _count(sound & rejects),
        "false_alarm_rate": np.divide(false, n_sound, out=np.full(len(false), np.nan), where=n_sound > 0),
    }


def estimate(values: Array, confidence: float) -> Estimate:
    """Mean, interval and n of the values that are not NaN; bounds are None below two of them, the mean below one."""
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return {"mean": None, "low": None, "high": None, "n": 0}
    mean = float(known.mean())
    if n == 1:
        return {"mean": mean, "low": None, "high": None, "n": 1}
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(known.std(ddof=1)) / math.sqrt(n)
    return {"mean": mean, "low": mean - half, "high": mean + half, "n": n}


def _ratio(end: Array, peak: Array) -> Array:
    """End / peak; 1 where the peak is 0: what never rose has not collapsed."""
    return np.divide(end, peak, out=np.ones_like(end), where=peak > 0)


def _count(flags: NDArray[np.bool_]) -> Array:
    return flags.sum(axis=1).astype(float)
