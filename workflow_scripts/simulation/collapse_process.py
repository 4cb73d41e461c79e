"""A parametric process of rise and collapse, which stands in for training when controllers are compared.

A policy is its *skill* s, the expected pass rate on the training problems, and its *retention* r, the share of its
other capabilities that training has left. One campaign at learning rate l and KL coefficient b has the dose

    e = (l / reference_learning_rate) / (1 + b / kl_half_coefficient)

and each update multiplies retention and, until a cliff, moves skill up a logistic curve, whose speed is 0 at skill 0,
where no reward is ever seen:

    s <- s + e drift s max(0, 1 - s / ceiling)        r <- r (1 - erosion)^e

The cliff is a Weibull event in the steps t since the campaign's start, with the cumulative hazard

    H(t) = e^hazard_exponent (t / hazard_steps)^hazard_shape,

so that with a shape above 1 it grows more likely by the step. From the update at which it falls, skill goes down in a
straight line, over ``fall_steps`` updates, to (1 - z) of what it was, and stays there; z is drawn for each cliff, Beta
with mean ``severity`` and variance severity_spread x severity (1 - severity). At learning rate 0 the dose is 0: nothing
drifts, erodes or collapses.

A step's pass rate is measured before its update, on ``prompts_per_step`` problems with ``group_size`` samples each; a
problem's own pass rate is Beta with mean s and intraclass correlation ``problem_correlation``. The peak checkpoint is
the policy that was *measured* highest, the end checkpoint the one after the last update. The next campaign starts from
carryover^e of the checkpoint's skill: a fresh optimiser's first steps may cost something, at learning rate 0 they do
not. There is one carryover for peaks and one for ends, since an end may be more brittle than its skill shows.

Arrays hold one chain per row. Rates and skills are fractions in [0, 1].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CAPABILITIES = ("pass@1", "hard_case_acc", "cpp_acc", "ood_acc")
_LEAST = 1e-6  # a Beta distribution's mean must lie inside (0, 1)


@dataclass(frozen=True)
class CollapseProcess:
    """The parameters; steps are gradient steps, shares are fractions. The formulas are in the module's text."""

    reference_learning_rate: float  # the learning rate whose dose is 1
    kl_half_coefficient: float  # the KL coefficient that halves the dose
    start_skill: float  # of the base model
    ceiling: float  # the skill at which drift ends
    drift: float  # per step at dose 1: the logistic curve's rate
    hazard_steps: float  # by this step of a campaign 63 % have met a cliff, at dose 1
    hazard_shape: float  # 1: equally likely at every step; above: more likely by the step
    hazard_exponent: float  # how the cumulative hazard grows with the dose; 1: in proportion
    severity: float  # the share of its skill that a policy loses at a cliff, on average
    severity_spread: (
        float  # of that share from cliff to cliff: 0 where all are equal, 1 where a cliff is all or nothing
    )
    fall_steps: float  # over which it loses it, at least 1
    peak_carryover: float  # the share of a peak checkpoint's skill that the next campaign starts from, at dose 1
    end_carryover: float  # the same of an end checkpoint's
    problem_correlation: float  # of two samples' verdicts on one problem: 0 where problems are equally hard
    prompts_per_step: int
    group_size: int
    hard_share: float  # of the main skill: the base model's on hard problems ...
    cpp_share: float  # ... in C++ ...
    ood_share: float  # ... and out of distribution
    erosion: float  # per step at dose 1: the share of these other capabilities that is lost, main skill aside
    evaluation_samples: int  # completions in one evaluation of one capability, all problems together


@dataclass(frozen=True)
class Policies:
    """One policy per chain: skill and retention, each (n,)."""

    skill: Array
    retention: Array


@dataclass(frozen=True)
class Campaigns:
    """One campaign per chain; a row's columns past its own steps hold NaN.

    ``skill``: (n, T + 1), after 0 ... T updates. ``rates``: (n, T), measured before each. ``steps``: (n,).
    """

    skill: Array
    rates: Array
    steps: NDArray[np.int64]
    peak: Policies
    end: Policies


def base_policies(process: CollapseProcess, n: int) -> Policies:
    """The base model, n times."""
    return Policies(np.full(n, process.start_skill), np.ones(n))


def dose(process: CollapseProcess, learning_rate: Array, kl_coefficient: Array) -> Array:
    """How strongly a campaign trains, relative to the reference learning rate without a KL penalty."""
    return learning_rate / process.reference_learning_rate / (1 + kl_coefficient / process.kl_half_coefficient)


def cumulative_hazard(process: CollapseProcess, doses: Array, steps: Array) -> Array:
    """H: minus the logarithm of the probability that no cliff was met in the first ``steps`` updates; broadcasts."""
    return doses**process.hazard_exponent * (steps / process.hazard_steps) ** process.hazard_shape


def cliff_steps(process: CollapseProcess, doses: Array, exponentials: Array) -> Array:
    """The update (from 1) at which each campaign's cliff comes: where H first reaches a standard exponential draw.

    Infinity where it never comes.
    """
    with np.errstate(divide="ignore"):
        scaled = exponentials / doses**process.hazard_exponent
    return np.maximum(np.ceil(process.hazard_steps * scaled ** (1 / process.hazard_shape)), 1.0)


def skill_paths(
    process: CollapseProcess, start: Array, doses: Array, cliffs: Array, losses: Array, steps: int
) -> Array:
    """Skill after 0 ... ``steps`` updates, (n, steps + 1), of campaigns that lose ``losses`` from ``cliffs`` on."""
    path = np.empty((len(start), steps + 1))
    path[:, 0] = highest = start  # ``highest``: the skill that the fall is measured from
    for update in range(1, steps + 1):
        gain = doses * process.drift * highest * np.maximum(1 - highest / process.ceiling, 0.0)
        # A large dose overshoots to the ceiling at most; who is above it already stays.
        risen = np.maximum(np.minimum(highest + gain, process.ceiling), highest)
        highest = np.where(update < cliffs, risen, highest)
        fallen = np.clip((update - cliffs + 1) / process.fall_steps, 0.0, 1.0)
        path[:, update] = highest * (1 - losses * fallen)
    return path


def draw_shares(mean: Array, spread: float, random: np.random.Generator) -> Array:
    """Beta draws with these means and the variance spread x mean (1 - mean), in ``mean``'s shape; spread in [0, 1)."""
    if spread == 0:
        return mean
    inside, concentration = np.clip(mean, _LEAST, 1 - _LEAST), (1 - spread) / spread
    return random.beta(inside * concentration, (1 - inside) * concentration)


def measure_pass_rates(process: CollapseProcess, skill: Array, random: np.random.Generator) -> Array:
    """The observed pass rates of batches drawn at these skills, in the same shape."""
    shape = (process.prompts_per_step, *skill.shape)
    problems = draw_shares(np.broadcast_to(skill, shape), process.problem_correlation, random)
    passed = random.binomial(process.group_size, problems).sum(axis=0)
    return passed / (process.prompts_per_step * process.group_size)


def pass_rate_variance(process: CollapseProcess, skill: Array) -> Array:
    """The variance of an observed pass rate: s (1 - s) (c + (1 - c) / group_size) / prompts_per_step."""
    correlation = process.problem_correlation
    per_problem = correlation + (1 - correlation) / process.group_size
    return skill * (1 - skill) * per_problem / process.prompts_per_step


def run_campaigns(
    process: CollapseProcess,
    start: Policies,
    learning_rate: Array,
    kl_coefficient: Array,
    steps: NDArray[np.int64],
    random: np.random.Generator,
) -> Campaigns:
    """One campaign of ``steps`` (n,) updates from each policy; equal generators give equal campaigns."""
    longest, row = int(steps.max()), np.arange(len(steps))
    doses = dose(process, learning_rate, kl_coefficient)
    # Drawn first, one per chain: whatever the plans are, the same campaign of the same chain has the same luck.
    cliffs = cliff_steps(process, doses, random.standard_exponential(len(steps)))
    losses = draw_shares(np.full(len(steps), process.severity), process.severity_spread, random)
    skill = skill_paths(process, start.skill, doses, cliffs, losses, longest)
    rates = measure_pass_rates(process, skill[:, :-1], random)

    rates[np.arange(longest) >= steps[:, None]] = np.nan
    skill[np.arange(longest + 1) > steps[:, None]] = np.nan
    peak_updates = np.nanargmax(rates, axis=1)  # the first one if tied, as in core.traces

    def policies_after(updates: NDArray[np.int64]) -> Policies:
        return Policies(skill[row, updates], start.retention * (1 - process.erosion) ** (doses * updates))

    return Campaigns(skill, rates, steps, policies_after(peak_updates), policies_after(steps))


def next_start(
    process: CollapseProcess,
    campaigns: Campaigns,
    from_peak: NDArray[np.bool_],
    from_end: NDArray[np.bool_],
    doses: Array,
) -> Policies:
    """What the next campaigns, of these doses, start from: peak or end checkpoint, the base model where neither."""
    base = base_policies(process, len(doses))
    peak = campaigns.peak.skill * process.peak_carryover**doses
    end = campaigns.end.skill * process.end_carryover**doses
    return Policies(
        np.select([from_peak, from_end], [peak, end], base.skill),
        np.select([from_peak, from_end], [campaigns.peak.retention, campaigns.end.retention], base.retention),
    )


def true_capabilities(process: CollapseProcess, policies: Policies) -> Array:
    """The capabilities (n, 4) of policies, in the order of ``CAPABILITIES``: main skill, and shares of it retained."""
    shares = np.array([process.hard_share, process.cpp_share, process.ood_share])
    others = policies.skill[:, None] * policies.retention[:, None] * shares
    return np.column_stack([policies.skill, others])


def evaluate(process: CollapseProcess, policies: Policies, random: np.random.Generator) -> Array:
    """Measured capabilities (n, 4). The problems are the same at each evaluation, so that sampling alone is noise."""
    skill = np.clip(true_capabilities(process, policies), 0.0, 1.0)
    return random.binomial(process.evaluation_samples, skill) / process.evaluation_samples
