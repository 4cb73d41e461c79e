"""Whether a rise-and-collapse process makes chains like the recorded ones: the recorded plans, run again in it.

Every recorded chain's plans are followed from the base model, campaign by campaign, many times over, so that errors
within campaigns and between them both show. The plans stay as they were recorded: a controller might have planned
otherwise after a simulated campaign, and that is not asked here.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from workflow_scripts.core.contracts.simulations import Comparison, Comparisons
from workflow_scripts.core.traces import end, gap, is_collapse, pass_rates, peak
from workflow_scripts.simulation.collapse_process import (
    Campaigns,
    CollapseProcess,
    base_policies,
    dose,
    next_start,
    run_campaigns,
)
from workflow_scripts.simulation.recorded_chains import RecordedChain

Statistic = Callable[[Sequence[float]], float]


def compare(
    process: CollapseProcess, chains: Sequence[RecordedChain], replicates: int, collapse_ratio: float, seed: int
) -> Comparisons:
    """Mean peak, end and gap (fractions) and the share of collapses: recorded, and simulated under the same plans.

    With each goes the standard error of the recorded mean over chains (None below two chains), since the campaigns of
    a chain are not independent; a simulated mean is over ``replicates`` times as many campaigns. Campaigns that
    measured nothing are left out on both sides.
    """
    observed = [[rates for trace in chain.traces if (rates := pass_rates(trace))] for chain in chains]
    simulated = [
        run
        for number, chain in enumerate(chains)
        for run in _follow(process, chain, replicates, np.random.default_rng([seed, number]))
    ]
    return {
        "peak": _row(lambda rates: peak(rates)[1], observed, simulated),
        "end": _row(end, observed, simulated),
        "gap": _row(gap, observed, simulated),
        "collapse_rate": _row(lambda rates: float(is_collapse(rates, collapse_ratio)), observed, simulated),
    }


def _follow(
    process: CollapseProcess, chain: RecordedChain, replicates: int, random: np.random.Generator
) -> list[list[float]]:
    """Pass rates of every campaign of every replicate of one chain under its recorded plans."""
    last: Campaigns | None = None
    runs: list[list[float]] = []
    for trace in chain.traces:
        plan, steps = trace["plan"], len(pass_rates(trace))
        if steps == 0:
            continue
        rate, coefficient = np.full(replicates, plan["learning_rate"]), np.full(replicates, plan["kl_coefficient"])
        source = np.full(replicates, plan["init"]["checkpoint"])
        start = base_policies(process, replicates)
        if last:
            start = next_start(process, last, source == "peak", source == "end", dose(process, rate, coefficient))
        last = run_campaigns(process, start, rate, coefficient, np.full(replicates, steps), random)
        runs += last.rates.tolist()
    return runs


def _row(
    statistic: Statistic, observed: Sequence[Sequence[Sequence[float]]], simulated: Sequence[Sequence[float]]
) -> Comparison:
    by_chain = [float(np.mean([statistic(rates) for rates in runs])) for runs in observed if runs]
    every = [statistic(rates) for runs in observed for rates in runs]
    error = float(np.std(by_chain, ddof=1) / math.sqrt(len(by_chain))) if len(by_chain) > 1 else None
    return {
        "observed": float(np.mean(every)),
        "observed_error": error,
        "simulated": float(np.mean([statistic(rates) for rates in simulated])),
    }
