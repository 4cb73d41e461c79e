"""Intervals against the published ones, against a naive enumeration, and at their edges."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workflow_scripts.statistics.intervals import (
    EXACT,
    EXACT_BCA,
    NO_WIDTH,
    RESAMPLED,
    RESAMPLED_BCA,
    STUDENT,
    UNDEFINED_BCA,
    Bootstrap,
    exact_bootstrap,
    interquartile_mean,
    mean,
    mean_intervals,
    resampled_bootstrap,
    student_t,
)

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=10**6, resamples=10_000)

PUBLISHED = [
    # per-seed values in percent (Tables 6 and 15, Appendix), the exact interval, the published one
    ("7B naive", [11.8, 18.1, 6.3, 0.9, 21.9], (5.2, 18.4), (5.2, 18.3)),
    ("7B CARE", [2.5, 4.4, 37.2, 2.3, 22.6], (2.8, 27.3), (2.8, 27.3)),
    ("MORBO proxy", [24.9, 18.7, 16.7], (16.7, 24.9), (16.7, 24.9)),
    ("3B CARE - naive", [11.1, 10.2, 1.7, 1.7, -1.6], (0.4, 9.0), (0.4, 8.9)),
]


@pytest.mark.parametrize(("name", "values", "exact", "published"), PUBLISHED, ids=[case[0] for case in PUBLISHED])
def test_published_intervals(name: str, values: list[float], exact: tuple, published: tuple) -> None:
    found = tuple(round(bound, 1) for bound in exact_bootstrap(values, 0.95))
    assert found == exact, name
    assert found == pytest.approx(published, abs=0.1 + 1e-9), name


def test_the_published_bound_of_the_paired_difference_is_the_atom_below() -> None:
    """8.9 is the rounded atom 8.86, which a random bootstrap takes for the 0.975 quantile by a hair's breadth."""
    differences = [11.1, 10.2, 1.7, 1.7, -1.6]
    means = [sum(resample) / 5 for resample in itertools.product(differences, repeat=5)]
    assert max(value for value in means if value < 9.04 - 1e-9) == pytest.approx(8.86)
    assert np.mean(np.array(means) < 8.86 + 1e-9) == pytest.approx(0.9738, abs=5e-5)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=1, max_size=5),
    st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]),
)
def test_exact_bootstrap_is_the_naive_enumeration(values: list[float], level: float) -> None:
    means = sorted(math.fsum(resample) / len(values) for resample in itertools.product(values, repeat=len(values)))
    for bound, percent in zip(exact_bootstrap(values, level), (100 - 100 * level, 100 + 100 * level), strict=True):
        needed = -(-round(percent) * len(means) // 200)  # ceiling in integers: no rounding to hide behind
        assert bound == means[max(needed, 1) - 1]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_intervals_are_ordered_within_the_values_and_hold_the_mean(values: list[float]) -> None:
    low, high = exact_bootstrap(values, 0.95)
    assert min(values) - 1e-12 <= low <= mean(values) + 1e-12
    assert mean(values) - 1e-12 <= high <= max(values) + 1e-12
    assert exact_bootstrap(list(reversed(values)), 0.95) == (low, high)


def test_student_t_is_scipys() -> None:
    values = [0.118, 0.181, 0.063, 0.009, 0.219]
    expected = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert student_t(values, 0.95) == pytest.approx(expected)
    assert student_t([0.5, 0.5], 0.95) == (0.5, 0.5)


def test_beyond_the_limit_seeded_resamples_take_over() -> None:
    values = [value / 10 for value in range(8)]
    bootstrap, student, bca = mean_intervals(values, BOOTSTRAP, seed=1)
    assert (bootstrap["method"], student["method"], bca["method"]) == (RESAMPLED, STUDENT, RESAMPLED_BCA)
    assert bootstrap["note"] == bca["note"] == "10000 resamples, since 8^8 > 1000000"
    assert mean_intervals(values, BOOTSTRAP, seed=1)[0] == bootstrap
    assert resampled_bootstrap(values, 0.95, 100, seed=1) != resampled_bootstrap(values, 0.95, 100, seed=2)
    exact = exact_bootstrap(values[:7], 0.95)
    assert resampled_bootstrap(values[:7], 0.95, 10_000, seed=3) == pytest.approx(exact, abs=0.02)


def test_seven_seeds_are_still_enumerated() -> None:
    assert [found["method"] for found in mean_intervals([0.1] * 7, BOOTSTRAP, seed=0)] == [EXACT, STUDENT, EXACT_BCA]


@pytest.mark.parametrize(("values", "words"), [([], "0 seeds: at least 2"), ([0.5], "1 seed: at least 2")])
def test_too_few_seeds_have_null_intervals_and_words(values: list[float], words: str) -> None:
    for interval in mean_intervals(values, BOOTSTRAP, seed=0):
        assert interval["low"] is None
        assert interval["high"] is None
        assert interval["note"].startswith(words)
    assert mean(values) == (values[0] if values else None)


def test_equal_values_give_back_their_value() -> None:
    assert exact_bootstrap([0.1] * 3, 0.95) == (0.1, 0.1)
    assert mean([0.1] * 3) == 0.1
    assert student_t([0.1] * 3, 0.95) == (0.1, 0.1)


@pytest.mark.parametrize(
    "values", [[0.0] * 5, [1.0] * 3, [0.1] * 9, [0.3 - 0.1, 0.4 - 0.2, 0.2], [0.1 + 0.2 - 0.3, 0.0]]
)
def test_an_interval_of_width_0_says_that_the_values_were_equal(values: list[float]) -> None:
    *others, bca = mean_intervals(values, BOOTSTRAP, seed=0)
    for interval in others:
        assert interval["high"] - interval["low"] == pytest.approx(0)
        assert interval["note"].endswith(NO_WIDTH)
    assert (bca["low"], bca["high"], bca["note"]) == (None, None, UNDEFINED_BCA)
    for interval in mean_intervals([*values, values[0] + 0.001], BOOTSTRAP, seed=0):
        assert NO_WIDTH not in (interval["note"] or "")


def test_the_interquartile_mean_leaves_out_a_quarter_at_either_end() -> None:
    assert interquartile_mean([9.0, 1.0, 2.0, 3.0, -5.0]) == 2.0
    assert interquartile_mean([1.0, 2.0, 6.0]) == 3.0
    assert interquartile_mean([]) is None
