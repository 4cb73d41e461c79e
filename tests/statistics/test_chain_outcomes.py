"""Which chains count, and rows per campaign, worked out by hand; what is left out is named."""

import pandas as pd
import pytest

from tests.control.synthetic_traces import make_trace
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.chain_outcomes import campaign_outcomes, chain_outcomes, select_chains, trajectories
from workflow_scripts.statistics.oracles import EarlyStop

RULE = EarlyStop(declines=3, size=0.02)
FIRST = make_trace([0.25, 0.5, 0.75, 0.125], probe=[(0, 0.1), (4, 0.3)])


def second(rates: list[float | None], controller: str = "A0", seed: int = 7, **changes) -> dict:
    return make_trace(rates, 2, controller, seed, "continue", **{"probe": [(2, 0.2), (0, 0.4)], **changes})


def test_campaigns_by_hand() -> None:
    chains, excluded = select_chains([FIRST, second([0.5, 0.25])], ["A0"], [7], 2)
    assert excluded == []
    table = campaign_outcomes(chains, 0.3, RULE)
    rows = table.to_dict("records")
    expected = {"controller": "A0", "seed": 7, "campaign": 1, "action": "start", "steps": 4, "peak": 0.75}
    expected |= {"peak_step": 3, "end": 0.125, "gap": 0.625, "collapsed": True, "onset": 4, "latency": 0}
    expected |= {"phase_transition": 1.0, "probe_peak": 0.3, "probe_end": 0.3, "probe_gap": 0.0}
    expected |= {"start": 0.25, "max_steps": 4, "learning_rate": 0.0015, "kl_coefficient": 0.0}
    # The peak at step 3 is followed by one decline alone: the oracle goes to the end, with the peak in hand.
    expected |= {"oracle_peak": 0.75, "oracle_steps": 4}
    assert rows[0] == expected
    assert pd.isna(rows[1]["onset"])
    # The probe's end is its last step's value, whatever the order of the entries.
    assert (rows[1]["probe_end"], rows[1]["probe_peak"]) == (0.2, 0.4)


def test_planned_and_done_are_told_apart() -> None:
    trace = second([0.5, 0.25])
    trace["plan"] |= {"max_steps": 20, "learning_rate": 0.5, "kl_coefficient": 0.01}
    chains, _ = select_chains([FIRST, trace], ["A0"], [7], 2)
    row = campaign_outcomes(chains, 0.3, RULE).to_dict("records")[1]
    assert (row["max_steps"], row["steps"], row["learning_rate"], row["kl_coefficient"]) == (20, 2, 0.5, 0.01)


def test_trajectories_hold_every_measurement() -> None:
    chains, _ = select_chains([FIRST, second([0.5, 0.25])], ["A0"], [7], 2)
    expected = {"controller": "A0", "seed": 7, "campaign": 2, "pass_rates": [0.5, 0.25], "probe": [[2, 0.2], [0, 0.4]]}
    assert trajectories(chains)[1] == expected


def test_the_first_campaign_belongs_to_every_controller() -> None:
    chains, _ = select_chains([FIRST, second([0.5]), second([0.6], "A3")], ["A0", "A3"], [7], 2)
    assert list(chains) == [("A0", 7), ("A3", 7)]
    assert all(chain[0] is FIRST for chain in chains.values())
    table = campaign_outcomes(chains, 0.3, RULE)
    assert table[table.campaign == 1].controller.tolist() == ["A0", "A3"]


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (second([0.5, None], status="non_finite_loss"), "ended with status non_finite_loss at step 2"),
        (second([], status="non_finite_gradient"), "ended with status non_finite_gradient at step 0"),
        (second([0.5, None, 0.5]), "no pass rate at step 2"),
        (second([]), "no pass rate at step 1"),
        (None, "no trace: the campaign was not run"),
    ],
)
def test_a_failed_chain_is_excluded_with_its_reason(trace: dict | None, reason: str) -> None:
    given = [FIRST, second([0.5], "A3"), *([trace] if trace else [])]
    chains, excluded = select_chains(given, ["A0", "A3"], [7], 2)
    assert list(chains) == [("A3", 7)]
    assert excluded == [{"controller": "A0", "seed": 7, "campaign": 2, "reason": reason}]


def test_a_failed_first_campaign_excludes_every_controller() -> None:
    given = [make_trace([], status="non_finite_loss"), second([0.5]), second([0.5], "A3")]
    chains, excluded = select_chains(given, ["A0", "A3"], [7], 2)
    assert chains == {}
    assert [(entry["controller"], entry["campaign"]) for entry in excluded] == [("A0", 1), ("A3", 1)]
    assert chain_outcomes(campaign_outcomes(chains, 0.3, RULE)).empty


def test_a_chain_without_a_probe_counts_and_says_so() -> None:
    chains, excluded = select_chains([FIRST, second([0.5], probe=[])], ["A0"], [7], 2)
    assert list(chains) == [("A0", 7)]
    assert "left out of end_probe" in excluded[0]["reason"]
    assert pd.isna(chain_outcomes(campaign_outcomes(chains, 0.3, RULE)).loc[("A0", 7), "end_probe"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([FIRST, FIRST], "controller first, seed 7, campaign 1: given twice"),
        ([FIRST, second([0.5], "ES")], "controller ES, seed 7, campaign 2: not asked for"),
        ([FIRST, second([0.5], seed=99)], "seed 99, campaign 2: not asked for"),
    ],
)
def test_traces_that_do_not_belong_are_refused(given: list[dict], message: str) -> None:
    with pytest.raises(UserError, match=message):
        select_chains(given, ["A0"], [7], 2)
