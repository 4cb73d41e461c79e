"""Ratios of means: Fieller's bounds are where the t test turns, resamples are of whole seeds."""

import itertools

import numpy as np
import pytest
from scipy import stats

from workflow_scripts.statistics.intervals import EXACT, RESAMPLED, Bootstrap
from workflow_scripts.statistics.measurement.ratios import FIELLER, NO_RATIO, UNBOUNDED, share

ABOVE, BELOW = [0.10, 0.14, 0.08, 0.12], [0.20, 0.22, 0.19, 0.27]
BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=2000)


def test_fiellers_bounds_are_where_the_t_test_turns() -> None:
    found = share(ABOVE, BELOW, BOOTSTRAP, 1)
    assert found["value"] == pytest.approx(sum(ABOVE) / sum(BELOW))
    fieller = found["intervals"][0]
    assert fieller["method"] == FIELLER
    for bound in (fieller["low"], fieller["high"]):
        assert bound is not None
        assert stats.ttest_1samp(np.array(ABOVE) - bound * np.array(BELOW), 0).pvalue == pytest.approx(0.05)
    assert fieller["low"] < found["value"] < fieller["high"]


def test_resamples_are_of_whole_seeds() -> None:
    draws = itertools.product(range(4), repeat=4)
    ratios = sorted(sum(ABOVE[i] for i in draw) / sum(BELOW[i] for i in draw) for draw in draws)
    exact = share(ABOVE, BELOW, BOOTSTRAP, 1)["intervals"][1]
    assert exact["method"] == EXACT
    assert exact["low"] == pytest.approx(ratios[int(np.ceil(0.025 * 256)) - 1])
    assert exact["high"] == pytest.approx(ratios[int(np.ceil(0.975 * 256)) - 1])
    drawn = share(ABOVE, BELOW, Bootstrap(0.95, 10, 2000), 1)["intervals"][1]
    assert drawn["method"] == RESAMPLED
    assert drawn["low"] == pytest.approx(exact["low"], abs=0.02)
    assert drawn["note"] == "2000 resamples, since 4^4 > 10"


def test_what_has_no_bounds_is_null_and_says_why() -> None:
    noisy = share([0.1, 0.2, 0.1], [0.3, -0.2, 0.1], BOOTSTRAP, 1)["intervals"][0]
    assert (noisy["low"], noisy["note"]) == (None, UNBOUNDED)
    nothing = share([0.1, 0.2], [0.0, 0.0], BOOTSTRAP, 1)
    assert nothing["value"] is None
    assert [one["note"] for one in nothing["intervals"]] == [UNBOUNDED, NO_RATIO]
    alone = share([0.1], [0.2], BOOTSTRAP, 1)
    assert alone["value"] == pytest.approx(0.5)
    assert {one["note"] for one in alone["intervals"]} == {"1 seed: at least 2 are needed for an interval"}
    assert share([], [], BOOTSTRAP, 1)["value"] is None
