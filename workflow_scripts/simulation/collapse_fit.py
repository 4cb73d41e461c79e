"""The rise-and-collapse process that recorded chains fit best, and how well its own chains resemble them.

Within campaigns, by maximum likelihood (control.collapse_likelihood): ceiling, drift, hazard_steps, hazard_shape,
severity, severity_spread, fall_steps and problem_correlation. Between campaigns, by moments of the skills that this
likelihood expects: start_skill is the mean of those that began at the base model; peak_carryover the sum of the skills
that campaigns from a peak started with over the sum of those peaks' own, in [0, 1] (a ratio of sums, because both are
noisy), end_carryover the same of ends; each is 1 where no campaign shows it. The reference learning rate is the
commonest one. All else is assumed, because traces of one strategy cannot show it: the caller gives it, and it is
recorded as such.
"""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.optimize import minimize

from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.simulations import Search
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.traces import pass_rates, peak
from workflow_scripts.simulation.collapse_likelihood import CampaignTable, Posterior, Recorded
from workflow_scripts.simulation.collapse_process import Array, CollapseProcess, dose
from workflow_scripts.simulation.recorded_chains import RecordedChain


@dataclass(frozen=True)
class Assumed:
    """The parameters of ``CollapseProcess`` that no trace is asked for."""

    kl_half_coefficient: float
    hazard_exponent: float
    hard_share: float
    cpp_share: float
    ood_share: float
    erosion: float
    evaluation_samples: int


# The search begins twice, with a small and with a large cliff, and goes on from the likelier of the two.
_SEVERITIES = (0.3, 0.7)
_FEW, _MANY = 200, 2000  # evaluations of the likelihood


def fit(chains: Sequence[RecordedChain], assumed: Assumed) -> tuple[CollapseProcess, Search]:
    """The process, and how the search for it ended."""
    require_one_chain(chains)
    traces = _measured(chains)
    table = CampaignTable([_recorded(trace) for trace in traces.values()])
    guess = _first_guess(list(traces.values()), assumed)
    begun = [_search(table, replace(guess, severity=severity), _FEW) for severity in _SEVERITIES]
    best, value, converged = _search(table, max(begun, key=lambda found: found[1])[0], _MANY)
    posteriors = dict(zip(traces, table.posteriors(best), strict=True))
    process = replace(
        best,
        start_skill=_start_skill(traces, posteriors),
        peak_carryover=_carryover("peak", best, chains, posteriors),
        end_carryover=_carryover("end", best, chains, posteriors),
    )
    return process, {"campaigns": len(traces), "chains": len(chains), "log_likelihood": value, "converged": converged}


def require_one_chain(chains: Sequence[RecordedChain]) -> None:
    """A ``UserError`` where chains differ in what they are: model, update rule, domain, steps, or batches."""
    names = sorted({chain.chain for chain in chains})
    if len(names) > 1:
        raise UserError(f"--traces: are of several chains ({', '.join(names)}); fit one at a time")
    batches = {_batch(trace) for chain in chains for trace in chain.traces}
    if len(batches) > 1:
        raise UserError(f"--traces: prompts_per_step and group_size differ: {sorted(batches)}; fit one at a time")


def _measured(chains: Sequence[RecordedChain]) -> dict[tuple[str, int, int], Trace]:
    """Every campaign with a pass rate, the shared first ones once, by controller, seed and campaign."""
    found = {}
    for chain in chains:
        for trace in chain.traces:
            if pass_rates(trace):
                found[_key(trace)] = trace
    return found


def _key(trace: Trace) -> tuple[str, int, int]:
    identity = trace["identity"]
    return identity["controller"], identity["seed"], identity["campaign"]


def _batch(trace: Trace) -> tuple[int, int]:
    return trace["settings"]["prompts_per_step"], trace["settings"]["group_size"]


def _recorded(trace: Trace) -> Recorded:
    plan = trace["plan"]
    return Recorded(tuple(pass_rates(trace)), plan["learning_rate"], plan["kl_coefficient"])


def _first_guess(traces: Sequence[Trace], assumed: Assumed) -> CollapseProcess:
    rates = [trace["plan"]["learning_rate"] for trace in traces if trace["plan"]["learning_rate"] > 0]
    if not rates:
        raise UserError("--traces: no campaign has a learning rate above 0, so nothing shows how fast skill moves")
    prompts, group = _batch(traces[0])
    longest = max(len(trace["steps"]) for trace in traces)
    return CollapseProcess(
        reference_learning_rate=Counter(rates).most_common(1)[0][0],
        start_skill=0.5,
        ceiling=0.8,
        drift=0.1,
        hazard_steps=float(longest),
        hazard_shape=3.0,
        severity=0.5,
        severity_spread=0.1,
        fall_steps=2.0,
        peak_carryover=1.0,
        end_carryover=1.0,
        problem_correlation=0.3,
        prompts_per_step=prompts,
        group_size=group,
        **asdict(assumed),
    )


def _search(table: CampaignTable, guess: CollapseProcess, evaluations: int) -> tuple[CollapseProcess, float, bool]:
    """Nelder and Mead's simplex from ``guess``: the process, its log likelihood, and whether it settled."""
    start = _point(guess)
    found = minimize(
        lambda point: -table.log_likelihood(_at(point, guess)),
        start,
        method="Nelder-Mead",
        options={
            "initial_simplex": start + 0.5 * np.eye(len(start) + 1, len(start)),
            "maxiter": evaluations,
            "maxfev": evaluations,
            "xatol": 1e-2,
            "fatol": 1e-2,
            "adaptive": True,
        },
    )
    return _at(found.x, guess), -float(found.fun), bool(found.success)


def _point(process: CollapseProcess) -> Array:
    """The fitted parameters on scales without bounds."""
    return np.array(
        [
            _logit(process.ceiling),
            math.log(process.drift),
            math.log(process.hazard_steps),
            math.log(process.hazard_shape - 1),
            _logit(process.severity),
            _logit(process.severity_spread),
            math.log(process.fall_steps - 1),
            _logit(process.problem_correlation),
        ]
    )


def _at(point: Array, process: CollapseProcess) -> CollapseProcess:
    """The process with the parameters at ``point``; exponents are bounded, so that no search leaves the floats."""
    bounded = np.clip(point, -6.0, 6.0).tolist()
    ceiling, drift, hazard_steps, hazard_shape, severity, spread, fall_steps, correlation = bounded
    return replace(
        process,
        ceiling=_share(ceiling),
        drift=math.exp(drift),
        hazard_steps=math.exp(hazard_steps),
        hazard_shape=1 + math.exp(min(hazard_shape, 3.0)),
        severity=_share(severity),
        severity_spread=_share(spread),
        fall_steps=1 + math.exp(min(fall_steps, 3.0)),
        problem_correlation=_share(correlation),
    )


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _start_skill(
    traces: Mapping[tuple[str, int, int], Trace], posteriors: Mapping[tuple[str, int, int], Posterior]
) -> float:
    starts = [posteriors[key].skill[0] for key, trace in traces.items() if trace["plan"]["init"]["campaign"] == 0]
    return float(np.mean(starts))


def _carryover(
    checkpoint: str,
    process: CollapseProcess,
    chains: Sequence[RecordedChain],
    posteriors: Mapping[tuple[str, int, int], Posterior],
) -> float:
    """The ratio of sums over the campaigns that trained on from this checkpoint, at their mean dose."""
    started, saved, doses = [], [], []
    for chain in chains:
        for before, after in itertools.pairwise(chain.traces):
            plan = after["plan"]
            strength = float(dose(process, np.array(plan["learning_rate"]), np.array(plan["kl_coefficient"])))
            known = _key(before) in posteriors and _key(after) in posteriors
            if not known or plan["init"]["checkpoint"] != checkpoint or strength == 0:
                continue
            path = posteriors[_key(before)].skill
            saved.append(path[peak(pass_rates(before))[0] - 1] if checkpoint == "peak" else path[-1])
            started.append(posteriors[_key(after)].skill[0])
            doses.append(strength)
    return float(min(sum(started) / sum(saved), 1.0) ** (1 / np.mean(doses))) if doses else 1.0
