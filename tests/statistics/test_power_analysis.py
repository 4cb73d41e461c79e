"""Power against tables in textbooks, against simulation with the tests themselves, and at its edges."""

import numpy as np
import pytest
from scipy import stats

from workflow_scripts.statistics import power_analysis
from workflow_scripts.statistics.contrasts import sign_flip
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.power_analysis import (
    Simulation,
    detectable_effect,
    paired_t_power,
    pairs_needed,
    sign_flip_floor,
    sign_flip_power,
    spread_interval,
    t_pairs_needed,
)

SIMULATION = Simulation(significance=0.05, samples=4000, patterns=2000, seed=1)


@pytest.mark.parametrize(
    ("effect", "power", "pairs"), [(0.5, 0.8, 34), (0.5, 0.9, 44), (0.8, 0.8, 15), (0.2, 0.8, 199)]
)
def test_t_needs_the_pairs_that_g_power_names(effect: float, power: float, pairs: int) -> None:
    """Two-sided paired t at 5 %: G*Power 3.1's "difference between two dependent means"."""
    assert t_pairs_needed(effect, power, 0.05) == pairs
    assert paired_t_power(pairs - 1, effect, 0.05) < power <= paired_t_power(pairs, effect, 0.05)


@pytest.mark.parametrize(("pairs", "effect"), [(3, 2.0), (5, 1.5), (10, 0.0), (20, 0.7)])
def test_the_power_of_t_is_that_of_scipys_test(pairs: int, effect: float) -> None:
    samples = np.random.default_rng(pairs).normal(effect, 1, size=(20_000, pairs))
    share = (stats.ttest_1samp(samples, 0, axis=1).pvalue <= 0.05).mean()
    assert paired_t_power(pairs, effect, 0.05) == pytest.approx(share, abs=0.015)
    assert 0.999 < paired_t_power(pairs, 40.0, 0.05) <= 1  # where scipy's lower tail is nan


@pytest.mark.parametrize("pairs", [4, 6, 8, 11])
def test_the_power_of_sign_flips_counts_what_the_test_itself_says(pairs: int) -> None:
    small = Simulation(0.05, 300, 0, seed=pairs)
    noise = power_analysis._noise(pairs, small)
    p_values = [sign_flip(sample.tolist(), Bootstrap(0.95, 1, 1), 0)["p_value"] for sample in noise + 0.9]
    assert sign_flip_power(pairs, 0.9, small) == np.mean(np.array(p_values) <= 0.05)


def test_drawn_patterns_have_nearly_the_power_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = sign_flip_power(11, 0.8, SIMULATION)
    monkeypatch.setattr(power_analysis, "_ENUMERATED_PAIRS", 8)
    power_analysis._signs.cache_clear()
    drawn = sign_flip_power(11, 0.8, SIMULATION)
    power_analysis._signs.cache_clear()
    assert drawn == pytest.approx(exact, abs=0.02)
    assert drawn != exact


@pytest.mark.parametrize("pairs", [8, 30])
def test_without_an_effect_sign_flips_reject_no_more_than_they_may(pairs: int) -> None:
    assert sign_flip_power(pairs, 0.0, SIMULATION) <= 0.05 + 4 * (0.05 * 0.95 / 4000) ** 0.5


def test_too_few_pairs_find_nothing_whatever_the_effect() -> None:
    assert sign_flip_floor(5) == 0.0625
    assert sign_flip_power(5, 100.0, SIMULATION) == 0.0
    assert detectable_effect(lambda effect: sign_flip_power(5, effect, SIMULATION), 0.8) is None
    assert sign_flip_power(6, 100.0, SIMULATION) == 1.0


def test_the_detectable_effect_has_the_wanted_power() -> None:
    effect = detectable_effect(lambda given: paired_t_power(5, given, 0.05), 0.8)
    assert effect is not None
    assert paired_t_power(5, effect, 0.05) == pytest.approx(0.8, abs=0.001)


def test_the_search_for_pairs_goes_both_ways_and_ends() -> None:
    assert [pairs_needed(lambda n: n / 100, 0.4, start) for start in (2, 40, 77)] == [40] * 3
    assert pairs_needed(lambda _: 0.0, 0.8, 990) is None
    assert pairs_needed(lambda _: 1.0, 0.8, 5) == 2
    assert t_pairs_needed(0.01, 0.8, 0.05) is None


def test_the_interval_of_a_standard_deviation_holds_it_as_often_as_it_says() -> None:
    found = np.random.default_rng(0).normal(size=(4000, 5)).std(axis=1, ddof=1)
    bounds = np.array([spread_interval(spread, 5, 0.95) for spread in found])
    assert ((bounds[:, 0] <= 1) & (bounds[:, 1] >= 1)).mean() == pytest.approx(0.95, abs=0.015)
