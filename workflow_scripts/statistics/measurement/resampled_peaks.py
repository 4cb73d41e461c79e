"""Peak and end of a chain's last campaign: of its training curve, and of the two checkpoints sampled again.

The curve's peak is the highest of noisy numbers, so that it falls back when it is measured once more. The problems
differ, training ones on the curve and held-out ones in the evaluations; that moves peak and end alike. Rates are in
[0, 1].
"""

import math
import statistics
from collections.abc import Mapping, Sequence

from workflow_scripts.core import traces
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.evaluated import GradedProblem
from workflow_scripts.core.contracts.measurements import PeakAgain
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import Chains
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds

# By controller, seed and "peak" or "end": each problem's judged samples and those that passed.
Resampled = Mapping[tuple[str, int, str], Sequence[GradedProblem]]


def pass_at_1(problems: Sequence[GradedProblem]) -> float:
    """The mean over problems of the share of samples that passed."""
    return statistics.fmean(one["c"] / one["n"] for one in problems)


def sampling_variance(problems: Sequence[GradedProblem]) -> float:
    """The variance of ``pass_at_1`` by sampling alone, on these problems: unbiased, from n >= 2 samples of each."""
    rates = [(one["c"] / one["n"], one["n"]) for one in problems]
    return sum(rate * (1 - rate) / (n - 1) for rate, n in rates) / len(rates) ** 2


def resampled_peaks(
    chains: Chains, controllers: Sequence[str], resampled: Resampled, bootstrap: Bootstrap
) -> dict[str, PeakAgain]:
    """Each controller's measures, one value per seed."""
    return {name: _of_controller(chains, name, resampled, bootstrap) for name in controllers}


def _of_controller(chains: Chains, controller: str, resampled: Resampled, bootstrap: Bootstrap) -> PeakAgain:
    values: dict[str, dict[int, float]] = {}
    for (owner, seed), chain in chains.items():
        if owner == controller:
            graded = (_graded(resampled, controller, seed, at) for at in ("peak", "end"))
            for measure, value in _measures(chain[-1], *graded).items():
                values.setdefault(measure, {})[seed] = value

    def metric(measure: str) -> Metric:
        drawn = derive_seed("measurement", "peaks", controller, measure)
        return metric_over_seeds(values[measure], bootstrap, drawn)

    return {
        "curve_peak": metric("curve_peak"),
        "curve_end": metric("curve_end"),
        "curve_gap": metric("curve_gap"),
        "resampled_peak": metric("resampled_peak"),
        "resampled_end": metric("resampled_end"),
        "resampled_gap": metric("resampled_gap"),
        "regression": metric("regression"),
        "sampling_error": metric("sampling_error"),
    }


def _graded(resampled: Resampled, controller: str, seed: int, at: str) -> Sequence[GradedProblem]:
    problems = resampled.get((controller, seed, at))
    if not problems:
        raise UserError(f"--grades: controller {controller}, seed {seed}: no grades of the {at} of the last campaign")
    if few := next((one for one in problems if one["n"] < 2), None):
        raise UserError(
            f"--grades: controller {controller}, seed {seed}, {at}: problem {few['task_id']} has {few['n']} judged "
            "samples; two are needed"
        )
    return problems


def _measures(trace: Trace, peak: Sequence[GradedProblem], end: Sequence[GradedProblem]) -> dict[str, float]:
    rates = traces.pass_rates(trace)
    curve_gap, resampled_gap = traces.gap(rates), pass_at_1(peak) - pass_at_1(end)
    return {
        "curve_peak": traces.peak(rates)[1],
        "curve_end": traces.end(rates),
        "curve_gap": curve_gap,
        "resampled_peak": pass_at_1(peak),
        "resampled_end": pass_at_1(end),
        "resampled_gap": resampled_gap,
        "regression": curve_gap - resampled_gap,
        "sampling_error": math.sqrt(sampling_variance(peak) + sampling_variance(end)),
    }
