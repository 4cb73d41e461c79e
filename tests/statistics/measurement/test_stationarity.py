"""Stationarity: ease from the other seeds' standing chains, slopes by hand, and what cannot be measured."""

import numpy as np
import pytest

from tests.makers.measurement import CAMPAIGNS, CONTROLLERS, SEEDS, STILL, make_chains, make_measurements
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.chain_outcomes import Chains, select_chains
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.stationarity import count_passes, ease_without, slope, stationarity

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)
EVERYONE = [*CONTROLLERS, STILL]


@pytest.fixture
def chains() -> Chains:
    return select_chains(make_chains(), EVERYONE, SEEDS, CAMPAIGNS)[0]


def test_passes_are_counted_by_problem() -> None:
    assert count_passes([("p1", 1), ("p2", 0), ("p1", 0)]) == {"p1": (1, 2), "p2": (0, 1)}


def test_a_seed_is_not_measured_by_its_own_draws() -> None:
    passes = {1: {"p1": (4, 4)}, 2: {"p1": (1, 4), "p2": (0, 2)}, 3: {"p1": (1, 4)}}
    assert ease_without(passes, 1) == {"p1": 0.25, "p2": 0.0}
    assert ease_without(passes, 2) == {"p1": 5 / 8}


def test_a_slope_is_in_the_values_unit_per_campaign() -> None:
    assert slope([2, 3, 4], [0.1, 0.4, 0.4]) == pytest.approx(0.15)
    assert slope([2, 3], [0.5, 0.5]) == 0.0


def test_courses_and_trends_by_hand(chains: Chains) -> None:
    passes = make_measurements().passes
    found = stationarity(chains, EVERYONE, passes, CAMPAIGNS, BOOTSTRAP)
    assert found["campaigns"] == [2, 3]
    assert found["pools"] == 1
    steps = 3 * 2 * (5 + 7 + 4 * 7) // 2
    assert (found["draws"], found["draws_without_ease"]) == (4 * steps, 0)
    rewards, eases = [], []
    for seed in SEEDS:
        ease = ease_without(passes, seed)
        campaigns = chains["A3", seed][1:]
        rewards.append([np.mean([step["CodeGrader/pass_rate/mean"] for step in one["steps"]]) for one in campaigns])
        eases.append([np.mean([ease[p] for step in one["steps"] for p in step["problem_ids"]]) for one in campaigns])
    for course, rows in ((found["reward"]["A3"], rewards), (found["ease"]["A3"], eases)):
        assert course["mean"] == pytest.approx(np.mean(rows, axis=0).tolist())
        trends = [one["value"] for one in course["trend"]["values"]]
        assert trends == pytest.approx([later - earlier for earlier, later in rows])


def test_a_draw_that_no_other_seed_knows_is_counted(chains: Chains) -> None:
    passes = {seed: dict(own) for seed, own in make_measurements().passes.items()}
    for own in passes.values():
        del own["p0"]
    drawn = [p for chain in chains.values() for one in chain[1:] for step in one["steps"] for p in step["problem_ids"]]
    found = stationarity(chains, EVERYONE, passes, CAMPAIGNS, BOOTSTRAP)
    assert found["draws_without_ease"] == drawn.count("p0") > 0


def test_two_pools_are_said(chains: Chains) -> None:
    chains["A0", 2][1]["inputs"]["pool"] = "c" * 64
    assert stationarity(chains, EVERYONE, make_measurements().passes, CAMPAIGNS, BOOTSTRAP)["pools"] == 2


def test_what_cannot_be_measured_is_refused(chains: Chains) -> None:
    passes = make_measurements().passes
    alone = {key: chain for key, chain in chains.items() if key[1] == 1}
    with pytest.raises(UserError, match=r"controller A0, seed 1: .* at least two seeds are needed"):
        stationarity(alone, EVERYONE, {1: passes[1]}, CAMPAIGNS, BOOTSTRAP)
    with pytest.raises(UserError, match="--campaigns: 2: a trend after the first campaign needs at least 3"):
        stationarity(chains, EVERYONE, passes, 2, BOOTSTRAP)
