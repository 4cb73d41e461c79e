"""BCa against the formulas written out, against scipy, by its properties, and where it is not defined."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.makers import synthetic_statistics
from workflow_scripts.statistics.bca import bca_quantiles, jackknife_acceleration, share_below
from workflow_scripts.statistics.intervals import (
    ONE_SIDED_BCA,
    Bootstrap,
    bca_interval,
    enumerated_means,
    exact_bootstrap,
    mean_intervals,
)

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=10**6, resamples=10_000)
NAIVE = [0.118, 0.181, 0.063, 0.009, 0.219]  # 7B naive, Table 6
sixty_fourths = st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=2, max_size=5)


def exact_bca(values: list[float], level: float = 0.95) -> tuple[float, float]:
    low, high, undefined = bca_interval(enumerated_means([[value] for value in values]), values, level)
    assert undefined is None
    return low, high


@settings(max_examples=40, deadline=None)
@given(sixty_fourths)
def test_it_is_the_formulas_written_out(values: list[float]) -> None:
    assume(min(values) < max(values))
    assert exact_bca(values) == pytest.approx(synthetic_statistics.bca_interval(values), abs=1e-12)


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("values", [NAIVE, [0.0, 0.0, 0.0, 0.1, 0.9, 0.3], [1.5, 0.2, 0.21, 0.25, 0.22, 0.9, 0.1]])
def test_it_is_scipys_on_many_resamples(values: list[float], level: float) -> None:
    """scipy draws 200,000 resamples and interpolates, so that the bounds differ by a step of the exact means."""
    found = stats.bootstrap(
        (values,), np.mean, confidence_level=level, n_resamples=200_000, method="BCa", rng=np.random.default_rng(0)
    )
    assert exact_bca(values, level) == pytest.approx(tuple(found.confidence_interval), abs=0.015)


def test_drawn_resamples_are_scipys_too() -> None:
    values = np.random.default_rng(3).beta(2, 6, size=20).tolist()
    drawn = mean_intervals(values, Bootstrap(0.95, 10**6, 100_000), seed=5)[2]
    found = stats.bootstrap((values,), np.mean, n_resamples=100_000, method="BCa", rng=np.random.default_rng(1))
    assert (drawn["low"], drawn["high"]) == pytest.approx(tuple(found.confidence_interval), abs=0.001)


@settings(deadline=None)
@given(sixty_fourths, st.sampled_from([0.5, 0.8, 0.95]))
def test_bounds_are_ordered_means_of_resamples(values: list[float], level: float) -> None:
    assume(min(values) < max(values))
    low, high = exact_bca(values, level)
    means = {value for value, _ in enumerated_means([[value] for value in values])}
    assert {low, high} <= means
    assert low <= high
    assert exact_bca([*reversed(values)], level) == (low, high)
    wider = exact_bca(values, 0.99)
    assert wider[0] <= low
    assert high <= wider[1]


@settings(deadline=None)
@given(sixty_fourths)
def test_it_follows_a_change_of_unit_and_its_sign(values: list[float]) -> None:
    assume(min(values) < max(values))
    low, high = exact_bca(values)
    assert exact_bca([3 + 2 * value for value in values]) == pytest.approx((3 + 2 * low, 3 + 2 * high))


def test_symmetric_values_need_no_correction() -> None:
    values = [-0.3, -0.1, 0.0, 0.1, 0.3]
    assert exact_bca(values) == pytest.approx(exact_bootstrap(values, 0.95))
    below = share_below([value for value, _ in enumerated_means([[v] for v in values])], np.ones(126), values)
    assert below == pytest.approx(0.5)
    assert jackknife_acceleration(values) == pytest.approx(0)


def test_a_long_tail_moves_the_interval_towards_it() -> None:
    values = [0.0, 0.0, 0.05, 0.1, 0.9]
    low, high = exact_bca(values)
    plain = exact_bootstrap(values, 0.95)
    assert low >= plain[0]
    assert high > plain[1]


def test_where_it_is_not_defined_it_says_so() -> None:
    low, high, reason = bca_interval([(0.5, 1), (0.6, 1)], [0.0, 0.1, 0.2], 0.95)
    assert (low, high, reason) == (None, None, ONE_SIDED_BCA)
    assert np.isnan(bca_quantiles([0.0, 1.0], [0.0, 0.0], 0.95)).all()
    assert np.isnan(bca_quantiles(0.999, 0.3, 0.95)).all()  # the formula's denominator is negative
    assert np.isnan(jackknife_acceleration([[0.1] * 3, [0.0] * 3])).all()
