"""What a campaign's trace says: peak, end, gap, collapse, onset, latency and phase-transition score (paper, section 6).

Pure functions on a trace, or on a campaign's pass rates: a sequence of fractions in [0, 1] whose element t - 1 is the
mean reward over the rollouts that were sampled at step t, before update t. Steps count from 1, as in the paper.
Functions of pass rates raise ``ValueError`` on an empty sequence. Nothing here imports numpy: controllers must start
in milliseconds.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Final

from workflow_scripts.core.contracts.campaigns import Measured

PASS_RATE: Final = "CodeGrader/pass_rate/mean"
COLLAPSE_RATIO = 0.3  # the paper's definition (Tables 8 and 16): end, or a step after the peak, below 30 % of the peak


def pass_rates(trace: Measured) -> list[float]:
    """The campaign's pass rates, up to the first null or NaN: it ends a campaign, nothing after it was measured."""
    rates: list[float] = []
    for step in trace["steps"]:
        rate = step[PASS_RATE]
        if rate is None or math.isnan(rate):
            break
        rates.append(rate)
    return rates


def peak(rates: Sequence[float]) -> tuple[int, float]:
    """The step (from 1) and value of the highest pass rate, the first one if tied."""
    value = max(rates)
    return list(rates).index(value) + 1, value


def end(rates: Sequence[float]) -> float:
    """The last pass rate."""
    if not rates:
        raise ValueError("a campaign without steps has no end")
    return rates[-1]


def gap(rates: Sequence[float]) -> float:
    """Peak minus end, in [0, 1]."""
    return peak(rates)[1] - end(rates)


def end_to_peak_ratio(rates: Sequence[float]) -> float | None:
    """End / peak in [0, 1], the deployed gate's only signal (section 5.12); None where the peak is 0."""
    highest = peak(rates)[1]
    return end(rates) / highest if highest > 0 else None


def is_collapse(rates: Sequence[float], ratio: float = COLLAPSE_RATIO) -> bool:
    """Whether end / peak < ``ratio`` (Table 8).

    A campaign whose peak is 0 has not collapsed: it never rose, and the ratio is undefined.
    """
    observed = end_to_peak_ratio(rates)
    return observed is not None and observed < ratio


def phase_transition_score(rates: Sequence[float]) -> float | None:
    """Largest single-step drop after the peak / (peak - end); None where the gap is 0 (Table 16).

    1 is a single cliff. It exceeds 1 where the campaign recovers in part after its largest drop.
    """
    drop = gap(rates)
    if drop == 0:
        return None
    after_peak = rates[peak(rates)[0] - 1 :]
    return max(earlier - later for earlier, later in itertools.pairwise(after_peak)) / drop


def collapse_onset_step(rates: Sequence[float], ratio: float = COLLAPSE_RATIO) -> int | None:
    """The first step (from 1) after the peak whose pass rate is below ``ratio`` x peak; None if there is none."""
    peak_step, value = peak(rates)
    for step in range(peak_step + 1, len(rates) + 1):
        if rates[step - 1] < ratio * value:
            return step
    return None


def post_onset_latency(rates: Sequence[float], ratio: float = COLLAPSE_RATIO) -> int | None:
    """Steps left in the campaign after the collapse onset; None if there was no onset (Table 16)."""
    onset = collapse_onset_step(rates, ratio)
    return None if onset is None else len(rates) - onset
