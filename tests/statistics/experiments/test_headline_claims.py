"""A claim's outcome follows from an interval by the rule of docs/preregistration.md."""

import math
from pathlib import Path

import pytest
from scipy import stats

from workflow_scripts.core.configuration import read_configuration
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.chain_outcomes import CHAIN_METRICS
from workflow_scripts.statistics.experiments.claims_file import CheckedClaim, SeedTest, read_claims, waves_of
from workflow_scripts.statistics.experiments.headline_claims import (
    Difference,
    difference_of_means,
    judge,
    paired_difference,
    try_claims,
)

ROOT = Path(__file__).resolve().parents[3]
CLAIMS = read_claims(ROOT / "paper/headline.yaml")
OURS, AGAINST = {1: 12.0, 2: 15.0, 3: 9.0, 9: 99.0}, {1: 10.0, 2: 11.0, 3: 9.5, 8: -99.0}


@pytest.mark.parametrize(
    ("expected", "low", "high", "printed", "outcome"),
    [
        ("above", 0.1, 9.0, 4.6, "holds"),
        ("above", -0.1, 9.0, 4.6, "undecided at this n"),
        ("above", -3.0, 2.2, 4.6, "does not"),
        ("above", -3.0, 2.4, 4.6, "undecided at this n"),
        ("above", -3.0, -0.1, None, "does not"),
        ("above", -3.0, 0.1, None, "undecided at this n"),
        ("equal", -4.9, 4.9, None, "holds"),
        ("equal", -5.1, 4.9, None, "undecided at this n"),
        ("equal", 1.0, 4.9, None, "holds"),
        ("equal", 5.1, 9.0, None, "does not"),
        ("equal", -9.0, -5.1, None, "does not"),
    ],
)
def test_the_outcome_follows_from_the_interval(
    expected: str, low: float, high: float, printed: float | None, outcome: str
) -> None:
    assert judge(expected, Difference((low + high) / 2, low, high, (5, 5)), printed) == outcome


def test_a_paired_difference_is_taken_over_the_seeds_in_common() -> None:
    differences = [2.0, 4.0, -0.5]
    mean = sum(differences) / 3
    spread = math.sqrt(sum((one - mean) ** 2 for one in differences) / 2)
    half = stats.t.ppf(0.975, 2) * spread / math.sqrt(3)
    found = paired_difference(OURS, AGAINST)
    assert found[:3] == pytest.approx((mean, mean - half, mean + half))
    assert found.n == (3, 3)
    with pytest.raises(UserError, match="1 seeds in common; two are needed"):
        paired_difference({1: 1.0}, {1: 2.0})


def test_means_of_seeds_that_share_nothing_are_compared_by_welch() -> None:
    ours, against = [1.0, 3.0, 8.0], [0.0, 0.5, 0.4, 0.1]
    variances = [sum((x - sum(v) / len(v)) ** 2 for x in v) / (len(v) - 1) / len(v) for v in (ours, against)]
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 3)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(variances))
    found = difference_of_means(ours, against)
    assert found[:3] == pytest.approx((3.75, 3.75 - half, 3.75 + half))
    assert found.n == (3, 4)


def test_every_claim_names_what_is_declared() -> None:
    config = read_configuration(ROOT / "config.yaml")
    tests = [claim.test for claim in CLAIMS if isinstance(claim, CheckedClaim)]
    for test in tests:
        for wave, controller in (test.ours, test.against) if isinstance(test, SeedTest) else ():
            assert controller in config["waves"][wave]["controllers"]
            assert test.metric in CHAIN_METRICS
    assert set(waves_of(CLAIMS)) <= set(config["waves"])
    assert {claim.contribution[0] for claim in CLAIMS} == set("12345")


def test_a_claim_that_cannot_be_tested_says_why() -> None:
    untested = [claim for claim in CLAIMS if not isinstance(claim, CheckedClaim)]
    assert untested
    for one in try_claims(untested, {}, {}, 0.1):  # type: ignore[typeddict-item]
        assert (one.outcome, one.difference) == ("not testable here", None)
        assert one.ours


def test_a_mistake_names_file_key_and_value(tmp_path: Path) -> None:
    path = tmp_path / "headline.yaml"
    path.write_text("- {contribution: a, claim: b, published: c, source: d, test: {kind: ladder, expected: up}}\n")
    with pytest.raises(UserError, match=r"headline\.yaml: .*expected"):
        read_claims(path)
