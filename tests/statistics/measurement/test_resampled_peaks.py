"""Peaks sampled again: values by hand, the sampling error against draws, and grades that are missing."""

import math

import numpy as np
import pytest

from tests.makers.measurement import CAMPAIGNS, CONTROLLERS, SEEDS, STILL, make_chains, make_measurements
from workflow_scripts.core.contracts.evaluated import GradedProblem
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.chain_outcomes import Chains, select_chains
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.resampled_peaks import pass_at_1, resampled_peaks, sampling_variance

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)


@pytest.fixture
def chains() -> Chains:
    return select_chains(make_chains(), [*CONTROLLERS, STILL], SEEDS, CAMPAIGNS)[0]


def graded(*passed: int, n: int = 16) -> list[GradedProblem]:
    return [{"task_id": f"h{place}", "n": n, "c": c, "unjudged": 0} for place, c in enumerate(passed)]


def test_values_by_hand(chains: Chains) -> None:
    found = resampled_peaks(chains, CONTROLLERS, make_measurements().resampled, BOOTSTRAP)
    own = {name: metric["values"][1]["value"] for name, metric in found["A3"].items()}
    rates = [step["CodeGrader/pass_rate/mean"] for step in chains["A3", 2][-1]["steps"]]
    # Seed 2: 12 and 4 of 16 at the peak, 10 and 4 at the end.
    assert (own["resampled_peak"], own["resampled_end"], own["resampled_gap"]) == (0.5, 0.4375, 0.0625)
    assert (own["curve_peak"], own["curve_end"]) == (max(rates), rates[-1])
    assert own["regression"] == pytest.approx(max(rates) - rates[-1] - 0.0625)
    variances = [(12 * 4 + 4 * 12) / 16**2 / 15 / 4, (10 * 6 + 4 * 12) / 16**2 / 15 / 4]
    assert own["sampling_error"] == pytest.approx(math.sqrt(sum(variances)))


def test_the_sampling_error_is_what_repetition_gives() -> None:
    rates, rng = np.array([0.1, 0.5, 0.9]), np.random.default_rng(1)
    repeated = [graded(*rng.binomial(16, rates).tolist()) for _ in range(4000)]
    assert np.mean([sampling_variance(one) for one in repeated]) == pytest.approx(
        np.var([pass_at_1(one) for one in repeated]), rel=0.06
    )


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        (None, "controller A3, seed 2: no grades of the end of the last campaign"),
        (graded(1, n=1), "controller A3, seed 2, end: problem h0 has 1 judged samples; two are needed"),
    ],
    ids=["missing", "one sample"],
)
def test_grades_that_say_nothing_are_refused(chains: Chains, grades: list[GradedProblem] | None, said: str) -> None:
    resampled = dict(make_measurements().resampled)
    del resampled["A3", 2, "end"]
    if grades:
        resampled["A3", 2, "end"] = grades
    with pytest.raises(UserError, match=said):
        resampled_peaks(chains, CONTROLLERS, resampled, BOOTSTRAP)
