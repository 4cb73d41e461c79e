"""The metrics of chains on traces worked out by hand, and what holds for any trace."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.control.synthetic_traces import make_trace
from workflow_scripts.statistics.chain_metrics import chain_metrics, paired_metrics, values_by_seed
from workflow_scripts.statistics.chain_outcomes import CHAIN_METRICS, campaign_outcomes, chain_outcomes, select_chains
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.oracles import EarlyStop

BOOTSTRAP = Bootstrap(0.95, 10**6, 10_000)
rate_lists = st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=1, max_size=25)


def outcomes(given: list[dict], controllers: list[str], seeds: list[int], campaigns: int) -> pd.DataFrame:
    chains, _ = select_chains(given, controllers, seeds, campaigns)
    return chain_outcomes(campaign_outcomes(chains, 0.3, EarlyStop(3, 0.02)))


# Campaign 1: peak 0.75 at step 3, end 0.125: a collapse (0.125 / 0.75 = 0.17); one decline, so the oracle uses 4 steps.
# Campaign 2: peak 0.5 at step 1, end 0.75 x 0.5: none; steps 2, 3 and 4 are below 0.48: the oracle uses 4 of 5 steps.
# Campaign 3: the oracle stops after step 5 at 0.5, before the peak of 0.625 at step 6; the end, 0.25, is 40 % of it.
CHAIN = [
    make_trace([0.25, 0.5, 0.75, 0.125], probe=[(0, 0.1), (4, 0.3)]),
    make_trace([0.5, 0.25, 0.25, 0.25, 0.375], 2, "A0", action="continue"),
    make_trace([0.375, 0.5, 0.25, 0.25, 0.25, 0.625, 0.25], 3, "A0", probe=[(7, 0.2), (0, 0.4)], action="continue"),
]


def test_one_chain_by_hand() -> None:
    found = outcomes(CHAIN, ["A0"], [7], 3).loc[("A0", 7)].to_dict()
    assert found == pytest.approx(
        {
            "end_pass_rate": 0.25,
            "peak_pass_rate": 0.625,
            "gap": 0.375,
            "end_probe": 0.2,
            "peak_probe": 0.4,
            "gap_probe": 0.2,
            "start_pass_rate": 0.375,
            "oracle_end": 0.5,  # of the last campaign, although 0.75 was in reach in the first
            "total_steps": 16,  # 4 + 5 + 7
            "collapses": 1,
            "any_collapse": 1,
            "oracle_steps": 13,  # 4 + 4 + 5
            "hindsight": 0.75,
            "pass_rate_per_100_steps": 100 * 0.25 / 16,
        }
    )
    assert set(found) == set(CHAIN_METRICS)


def test_a_chain_without_a_collapse_counts_none() -> None:
    found = outcomes([make_trace([0.5, 0.4]), make_trace([0.5], 2, "A0")], ["A0"], [7], 2).loc[("A0", 7)]
    assert (found["collapses"], found["any_collapse"]) == (0, 0)


def test_the_shared_first_campaign_counts_for_every_controller() -> None:
    given = [CHAIN[0], make_trace([0.5], 2, "A0"), make_trace([0.5, 0.5], 2, "A3")]
    found = outcomes(given, ["A0", "A3"], [7], 2)
    assert found["total_steps"].to_dict() == {("A0", 7): 5, ("A3", 7): 6}
    assert found["collapses"].tolist() == [1, 1]


def test_efficiency_is_the_mean_of_ratios() -> None:
    """Two seeds: 0.2 in 2 steps is 10 per 100, 0.4 in 8 is 5: mean 7.5; the ratio of means would be 0.3 / 5 = 6."""
    given = [make_trace([0.5, 0.2], seed=7), make_trace([0.5] * 7 + [0.4], seed=11)]
    values = values_by_seed(outcomes(given, ["A0"], [7, 11], 1), ["A0"])
    found = chain_metrics(values, BOOTSTRAP, ("W", "chain"))["A0"]["pass_rate_per_100_steps"]
    assert found["values"] == [{"seed": 7, "value": pytest.approx(10)}, {"seed": 11, "value": pytest.approx(5)}]
    assert found["mean"] == pytest.approx(7.5)


def test_every_metric_is_paired() -> None:
    given = [CHAIN[0], make_trace([0.5], 2, "A0"), make_trace([0.75, 0.5], 2, "A3")]
    values = values_by_seed(outcomes(given, ["A0", "A3"], [7], 2), ["A0", "A3"])
    paired = paired_metrics(values, BOOTSTRAP, ("W", "chain"))
    assert list(paired) == ["A3-A0"]
    assert set(paired["A3-A0"]) == set(CHAIN_METRICS)
    assert paired["A3-A0"]["total_steps"]["mean"] == 1
    assert paired["A3-A0"]["start_pass_rate"]["differences"] == [{"seed": 7, "value": 0.25}]
    assert paired["A3-A0"]["hindsight"]["mean"] == 0  # both saw 0.75, one in the first campaign, one in the second


def test_the_pairs_of_a_metric_are_one_family_of_tests() -> None:
    by_seed = {"A0": 0.0, "A1": 0.1, "A3": 0.3}
    values = {
        controller: {metric: {seed: value + seed / 1000 * value for seed in range(6)} for metric in CHAIN_METRICS}
        for controller, value in by_seed.items()
    }
    paired = paired_metrics(values, BOOTSTRAP, ("W", "chain"))
    tests = [paired[pair]["end_probe"]["sign_flip"] for pair in ("A1-A0", "A3-A0", "A3-A1")]
    assert [(test["p_value"], test["holm"], test["tests"]) for test in tests] == [(2 / 2**6, 6 / 2**6, 3)] * 3
    assert list(paired["A3-A1"]) == list(CHAIN_METRICS)


@settings(max_examples=60, deadline=None)
@given(st.lists(rate_lists, min_size=1, max_size=4))
def test_what_holds_for_any_chain(campaigns: list[list[float]]) -> None:
    given = [make_trace(rates, number, "A0") for number, rates in enumerate(campaigns, start=1)]
    found = outcomes(given, ["A0"], [7], len(campaigns)).loc[("A0", 7)]
    for metric in ("end_pass_rate", "peak_pass_rate", "start_pass_rate", "oracle_end"):
        assert found[metric] <= found["hindsight"]
    assert found["oracle_end"] <= found["peak_pass_rate"]
    assert len(campaigns) <= found["oracle_steps"] <= found["total_steps"] == sum(map(len, campaigns))
    assert found["any_collapse"] == min(found["collapses"], 1)
    assert found["pass_rate_per_100_steps"] * found["total_steps"] == pytest.approx(100 * found["end_pass_rate"])
