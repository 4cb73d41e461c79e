"""The paper's claims, each by a difference of two conditions of ours; the rule: docs/preregistration.md, claims."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from scipy import stats

from workflow_scripts.core.contracts.experiments import Ladder
from workflow_scripts.core.contracts.statistics import Metric, Statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.experiments.claims_file import CheckedClaim, LadderTest, SeedTest, UncheckedClaim
from workflow_scripts.statistics.intervals import STUDENT

Outcome = Literal["holds", "does not", "undecided at this n", "not testable here"]
# Points within which two conditions count as equal, and a fall as none.
MARGIN = 5.0
LEVEL = 0.95


class Difference(NamedTuple):
    """A mean difference with its Student t interval, in the unit of its test; ``n``: seeds of each side."""

    mean: float
    low: float
    high: float
    n: tuple[int, int]


class Tried(NamedTuple):
    """What came out for one claim, in words where there is no one number."""

    claim: CheckedClaim | UncheckedClaim
    ours: str
    difference: Difference | None
    outcome: Outcome


def paired_difference(ours: Mapping[int, float], against: Mapping[int, float]) -> Difference:
    """Over the seeds that both have."""
    seeds = sorted(ours.keys() & against.keys())
    if len(seeds) < 2:
        raise UserError(f"{len(seeds)} seeds in common; two are needed for an interval")
    found = stats.ttest_rel([ours[seed] for seed in seeds], [against[seed] for seed in seeds])
    interval = found.confidence_interval(LEVEL)
    differences = [ours[seed] - against[seed] for seed in seeds]
    return Difference(sum(differences) / len(seeds), interval.low, interval.high, (len(seeds), len(seeds)))


def difference_of_means(ours: Sequence[float], against: Sequence[float]) -> Difference:
    """Welch's, for seeds that share no draw."""
    interval = stats.ttest_ind(ours, against, equal_var=False).confidence_interval(LEVEL)
    mean = sum(ours) / len(ours) - sum(against) / len(against)
    return Difference(mean, interval.low, interval.high, (len(ours), len(against)))


def judge(expected: str, found: Difference, printed: float | None, margin: float = MARGIN) -> Outcome:
    """The outcome of a test of ``above`` or ``equal``."""
    if expected == "above":
        if found.low > 0:
            return "holds"
        return "does not" if found.high < (0 if printed is None else printed / 2) else "undecided at this n"
    if -margin < found.low and found.high < margin:
        return "holds"
    return "does not" if found.low > margin or found.high < -margin else "undecided at this n"


def try_claims(
    claims: Sequence[CheckedClaim | UncheckedClaim],
    by_wave: Mapping[str, Statistics],
    ladder: Ladder,
    learning_rate: float,
) -> list[Tried]:
    """Each claim with its outcome; ``learning_rate`` is the one whose row of the ladder is asked."""
    tried = []
    for claim in claims:
        if isinstance(claim, UncheckedClaim):
            tried.append(Tried(claim, claim.not_testable, None, "not testable here"))
        elif isinstance(claim.test, LadderTest):
            tried.append(_try_ladder(claim, ladder, learning_rate))
        else:
            found = _difference(claim.test, by_wave)
            tried.append(Tried(claim, "", found, judge(claim.test.expected, found, claim.test.printed)))
    return tried


def _difference(test: SeedTest, by_wave: Mapping[str, Statistics]) -> Difference:
    scale = 100.0 if test.unit == "points" else 1.0
    ours, against = (
        _by_seed(by_wave[wave]["controllers"][controller][test.metric], scale)
        for wave, controller in (test.ours, test.against)
    )
    if test.paired:
        return paired_difference(ours, against)
    return difference_of_means([*ours.values()], [*against.values()])


def _by_seed(metric: Metric, scale: float) -> dict[int, float]:
    return {one["seed"]: scale * one["value"] for one in metric["values"]}


def _try_ladder(claim: CheckedClaim, ladder: Ladder, learning_rate: float) -> Tried:
    conditions = ladder["conditions"]
    own = [one for one in conditions if (one["reward"], one["learning_rate"]) == ("graded", learning_rate)]
    if len(own) != 1:
        raise UserError(f"the ladder has no graded reward at {learning_rate:g}, the testbed's learning rate")
    falls = own[0]["metrics"]["fall"]
    interval = next(one for one in falls["intervals"] if one["method"] == STUDENT)
    outcome: Outcome = "undecided at this n"
    if own[0]["rises"] and own[0]["falls"]:
        outcome = "holds"
    elif interval["high"] is not None and 100 * interval["high"] < MARGIN:
        outcome = "does not"
    rise, fall = (100 * (own[0]["metrics"][name]["mean"] or 0.0) for name in ("rise", "fall"))
    return Tried(claim, f"rise {rise:.1f}, fall {fall:.1f} points in 60 steps, n = {falls['n']}", None, outcome)
