"""A second, naive implementation of what tables and figure 3 state: raw traces, plain loops and fractions.

It shares nothing with workflow_scripts. Rates are exact fractions, so that no definition hangs on a float's last bit.
"""

import itertools
import json
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from scipy import stats

ENUMERATED = 10**6  # resamples; where there are more, some are drawn
DRAWN = 4000

Bounds = tuple[float, float] | tuple[None, None]
NONE: Bounds = (None, None)


@dataclass(frozen=True)
class Campaign:
    """Pass rates of steps 1, 2, ... and the held-out probe's (step, pass@1)."""

    rates: list[Fraction]
    probe: list[tuple[int, Fraction]]

    @property
    def peak(self) -> Fraction:
        return max(self.rates)

    @property
    def end(self) -> Fraction:
        return self.rates[-1]


Chains = dict[int, list[Campaign]]  # by seed


@dataclass(frozen=True)
class Definitions:
    level: Fraction  # of every interval
    collapse_ratio: Fraction


@dataclass(frozen=True)
class Estimate:
    """A mean in the unit of its values; ``n`` counts what it averages."""

    value: Fraction | None
    n: int
    seeds: int
    bootstrap: Bounds = NONE
    student: Bounds = NONE
    by_campaign: Bounds = NONE
    slack: float = 0.0  # by how much by_campaign may differ where it is drawn, not enumerated
    sign_flip: Bounds = NONE  # p and its floor
    values: dict[int, Fraction] = field(default_factory=dict)  # by seed


def known(bounds: Bounds) -> list[float]:
    return [bound for bound in bounds if bound is not None]


def exact(number: float) -> Fraction:
    """The fraction that a float in a file stands for: 0.07 is 7/100, and 0.3 of a configuration 3/10."""
    return Fraction(number).limit_denominator(10**6)


def read_chains(chain_folder: Path, controller: str, seeds: list[int], campaigns: int) -> Chains:
    """A controller's chains of which every campaign completed; all controllers share the first campaign."""
    chains = {}
    for seed in seeds:
        chain = []
        for number in range(1, campaigns + 1):
            owner = "first" if number == 1 else controller
            trace = json.loads((chain_folder / owner / f"s{seed}" / f"c{number:02d}" / "trace.json").read_text())
            rates = [step["CodeGrader/pass_rate/mean"] for step in trace["steps"]]
            if trace["status"] == "completed" and rates and None not in rates:
                probe = sorted((point["step"], exact(point["pass@1"])) for point in trace["probe"])
                chain.append(Campaign([exact(rate) for rate in rates], probe))
        if len(chain) == campaigns:
            chains[seed] = chain
    return chains


def of_campaign(campaign: Campaign, quantity: str, definitions: Definitions) -> Fraction | None:
    """Section 6 and Tables 8, 11 and 16; None where undefined."""
    peak, end = campaign.peak, campaign.end
    first_peak = campaign.rates.index(peak)
    held_out = [rate for _, rate in campaign.probe]
    if quantity.startswith("gap_above_"):
        return Fraction(int(peak - end > Fraction(quantity.removeprefix("gap_above_"))))
    if quantity == "collapsed":
        return Fraction(int(peak > 0 and end / peak < definitions.collapse_ratio))
    if quantity in ("onset", "latency"):
        for place in range(first_peak + 1, len(campaign.rates)):
            if campaign.rates[place] < definitions.collapse_ratio * peak:
                return Fraction(place + 1 if quantity == "onset" else len(campaign.rates) - (place + 1))
        return None
    if quantity == "phase_transition":
        if peak == end:
            return None
        largest = Fraction(-1)
        for place in range(first_peak, len(campaign.rates) - 1):
            largest = max(largest, campaign.rates[place] - campaign.rates[place + 1])
        return largest / (peak - end)
    if quantity.startswith("probe_") and not held_out:
        return None
    return {
        "peak": peak,
        "end": end,
        "gap": peak - end,
        "probe_peak": max(held_out, default=None),
        "probe_end": held_out[-1] if held_out else None,
        "probe_gap": max(held_out) - held_out[-1] if held_out else None,
    }[quantity]


def of_chain(chain: list[Campaign], quantity: str, definitions: Definitions) -> Fraction | None:
    """Sections 5.6 and 5.7, Tables 6 to 8; None where undefined."""
    steps = Fraction(sum(len(campaign.rates) for campaign in chain))
    collapses = Fraction(0)
    for campaign in chain:
        collapses += of_campaign(campaign, "collapsed", definitions) or 0
    return {
        "end_pass_rate": chain[-1].end,
        "end_probe": of_campaign(chain[-1], "probe_end", definitions),
        "total_steps": steps,
        "pass_rate_per_100_steps": 100 * chain[-1].end / steps,
        "collapses": collapses,
        "any_collapse": Fraction(int(collapses > 0)),
    }[quantity]


def average(values: list[Fraction]) -> Fraction | None:
    return sum(values, Fraction(0)) / len(values) if values else None


def bootstrap(units: list[list[Fraction]], level: Fraction) -> Bounds:
    """The percentile interval of the mean over all n^n resamples of whole units, or some where those are too many.

    The q-quantile is the smallest mean that at least a share q of the resamples does not exceed.
    """
    n = len(units)
    if n < 2:
        return NONE
    whole = [(float(sum(unit)), len(unit)) for unit in units]
    resamples: Iterable[Sequence[tuple[float, int]]] = itertools.product(whole, repeat=n)
    if n**n > ENUMERATED:
        source = random.Random(1)
        resamples = (source.choices(whole, k=n) for _ in range(DRAWN))
    means = sorted(sum(total for total, _ in taken) / sum(size for _, size in taken) for taken in resamples)
    low, high = (math.ceil(quantile * len(means)) - 1 for quantile in ((1 - level) / 2, (1 + level) / 2))
    return means[low], means[high]


def slack_of_draws(values: list[Fraction], bounds: Bounds) -> float:
    """How far two draws' bounds may lie apart: a tenth of the width, and one step of a mean of few distinct values."""
    n, steps = len(values), [later - earlier for earlier, later in itertools.pairwise(sorted(set(values)))]
    if n**n <= ENUMERATED or not steps or bounds == NONE:
        return 0.0
    low, high = known(bounds)
    return 0.1 * (high - low) + float(min(steps)) / n


def student_t(values: list[Fraction], level: Fraction) -> Bounds:
    n, centre = len(values), average(values)
    if n < 2 or centre is None:
        return NONE
    variance = sum((value - centre) ** 2 for value in values) / (n - 1)
    half = float(stats.t.ppf(float((1 + level) / 2), n - 1)) * math.sqrt(variance / n)
    return float(centre) - half, float(centre) + half


def sign_flip(differences: list[Fraction]) -> Bounds:
    """The share of the 2^n sign patterns whose sum is at least as far from 0 as the observed one, and 2 / 2^n."""
    if not differences:
        return NONE
    patterns = list(itertools.product((1, -1), repeat=len(differences)))
    observed, extreme = abs(sum(differences, Fraction(0))), 0
    for pattern in patterns:
        flipped = [sign * difference for sign, difference in zip(pattern, differences, strict=True)]
        extreme += abs(sum(flipped, Fraction(0))) >= observed
    return extreme / len(patterns), 2 / len(patterns)


def holm(p_values: list[float]) -> list[float]:
    """Each p-value's adjusted one: the largest of p times the number of those not below it, over p and all smaller."""
    return [max(min(1.0, q * sum(other >= q for other in p_values)) for q in p_values if q <= p) for p in p_values]


def over_seeds(values: dict[int, Fraction | None], level: Fraction, paired: bool = False) -> Estimate:
    """A mean with one value per seed, of chains or of their paired differences."""
    defined = {seed: value for seed, value in values.items() if value is not None}
    own = list(defined.values())
    return Estimate(
        value=average(own),
        n=len(own),
        seeds=len(own),
        bootstrap=bootstrap([[value] for value in own], level),
        student=student_t(own, level),
        sign_flip=sign_flip(own) if paired else NONE,
        values=defined,
    )


def chain_estimate(chains: Chains, quantity: str, definitions: Definitions) -> Estimate:
    values = {seed: of_chain(chain, quantity, definitions) for seed, chain in chains.items()}
    return over_seeds(values, definitions.level)


def paired_estimate(first: Chains, second: Chains, quantity: str, definitions: Definitions) -> Estimate:
    """``second`` minus ``first``, seed by seed."""
    differences: dict[int, Fraction | None] = {}
    for seed in first:
        if seed in second:
            pair = [of_chain(chains[seed], quantity, definitions) for chains in (first, second)]
            differences[seed] = None if pair[0] is None or pair[1] is None else pair[1] - pair[0]
    return over_seeds(differences, definitions.level, paired=True)


def relative_estimate(first: Chains, second: Chains, quantity: str, definitions: Definitions) -> Estimate:
    """The mean of ``second`` over that of ``first``, minus 1."""
    means = [chain_estimate(chains, quantity, definitions).value for chains in (first, second)]
    if not means[0] or means[1] is None:
        return Estimate(None, 0, 0)
    return Estimate(value=means[1] / means[0] - 1, n=len(second), seeds=len(second))


def campaign_estimate(chains: Chains, quantity: str, definitions: Definitions) -> Estimate:
    """A mean over all campaigns, resampled by seed with all its campaigns, and by campaign."""
    clusters = []
    for chain in chains.values():
        found = [of_campaign(campaign, quantity, definitions) for campaign in chain]
        clusters.append([value for value in found if value is not None])
    values = [value for cluster in clusters for value in cluster]
    by_campaign = bootstrap([[value] for value in values], definitions.level)
    return Estimate(
        value=average(values),
        n=len(values),
        seeds=len(chains),
        bootstrap=bootstrap([cluster for cluster in clusters if cluster], definitions.level),
        by_campaign=by_campaign,
        slack=slack_of_draws(values, by_campaign),
    )


def by_step(
    chains: Chains, points: Callable[[Campaign], Iterable[tuple[int, Fraction]]]
) -> dict[int, dict[int, list[Fraction]]]:
    """The values of ``points`` (step, value) by step and seed, one for each of the seed's campaigns with that step."""
    found: dict[int, dict[int, list[Fraction]]] = {}
    for seed, chain in chains.items():
        for campaign in chain:
            for step, value in points(campaign):
                found.setdefault(step, {}).setdefault(seed, []).append(value)
    return found
