"""Whether reward and problems drift over a chain's campaigns, beside what the policy learns.

A problem's ease is its pass rate in [0, 1] under policies that do not change: those of the standing controller's chains
after the first campaign. A seed is measured by the other seeds' chains, not by its own draws.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scipy import stats

from workflow_scripts.core import traces
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.measurements import Course, Stationarity
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import Chains
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds

Passes = Mapping[int, Mapping[str, tuple[int, int]]]  # by seed and problem: completions that passed, and all


def count_passes(rollouts: Iterable[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    """By problem, how many completions passed and how many there are, from pairs of problem and reward."""
    passed, total = Counter[str](), Counter[str]()
    for problem, reward in rollouts:
        passed[problem] += reward
        total[problem] += 1
    return {problem: (passed[problem], count) for problem, count in total.items()}


def ease_without(passes: Passes, seed: int) -> dict[str, float]:
    """Each problem's pass rate over all seeds but this one."""
    passed, total = Counter[str](), Counter[str]()
    for other, problems in passes.items():
        if other != seed:
            passed.update({problem: count for problem, (count, _) in problems.items()})
            total.update({problem: count for problem, (_, count) in problems.items()})
    return {problem: passed[problem] / count for problem, count in total.items()}


def slope(campaigns: Sequence[int], values: Sequence[float]) -> float:
    """The least-squares slope, in the values' unit per campaign."""
    return float(stats.linregress(campaigns, values).slope)


def stationarity(
    chains: Chains, controllers: Sequence[str], passes: Passes, campaigns: int, bootstrap: Bootstrap
) -> Stationarity:
    """Reward and ease by campaign, 2 to ``campaigns``, by controller; a campaign without known ease is an error."""
    numbers = list(range(2, campaigns + 1))
    if len(numbers) < 2:
        raise UserError(f"--campaigns: {campaigns}: a trend after the first campaign needs at least 3")
    ease = {seed: ease_without(passes, seed) for _, seed in chains}
    rewards: dict[str, dict[int, list[float]]] = {name: {} for name in controllers}
    eases: dict[str, dict[int, list[float]]] = {name: {} for name in controllers}
    draws = unknown = 0
    for (controller, seed), chain in chains.items():
        drawn = [_drawn(trace) for trace in chain[1:]]
        known = [[ease[seed][problem] for problem in problems if problem in ease[seed]] for problems in drawn]
        if not all(known):
            raise UserError(
                f"--rollouts: controller {controller}, seed {seed}: a campaign drew no problem whose ease is known "
                "from another seed's chains; at least two seeds are needed"
            )
        draws += sum(map(len, drawn))
        unknown += sum(map(len, drawn)) - sum(map(len, known))
        rewards[controller][seed] = [statistics.fmean(traces.pass_rates(trace)) for trace in chain[1:]]
        eases[controller][seed] = [statistics.fmean(values) for values in known]
    return {
        "campaigns": numbers,
        "pools": len({trace["inputs"]["pool"] for chain in chains.values() for trace in chain}),
        "draws": draws,
        "draws_without_ease": unknown,
        "reward": {name: _course(numbers, of_seeds, bootstrap, f"reward {name}") for name, of_seeds in rewards.items()},
        "ease": {name: _course(numbers, of_seeds, bootstrap, f"ease {name}") for name, of_seeds in eases.items()},
    }


def _drawn(trace: Trace) -> list[str]:
    return [problem for step in trace["steps"] for problem in step["problem_ids"]]


def _course(campaigns: Sequence[int], of_seeds: Mapping[int, list[float]], bootstrap: Bootstrap, name: str) -> Course:
    trends = {seed: slope(campaigns, values) for seed, values in of_seeds.items()}
    return {
        "mean": [statistics.fmean(values) for values in zip(*of_seeds.values(), strict=True)],
        "trend": metric_over_seeds(trends, bootstrap, derive_seed("measurement", "trend", name)),
    }
