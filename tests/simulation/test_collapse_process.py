"""The rise-and-collapse process does what its formulas say."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.simulation.synthetic_process import LEARNING_RATE, make_process
from workflow_scripts.simulation.collapse_process import (
    CAPABILITIES,
    base_policies,
    cliff_steps,
    cumulative_hazard,
    dose,
    draw_shares,
    evaluate,
    measure_pass_rates,
    next_start,
    pass_rate_variance,
    run_campaigns,
    skill_paths,
    true_capabilities,
)

NEVER = np.array([math.inf])
ONE = np.ones(1)

shares = st.floats(0.0, 1.0)


def campaigns_of(process, n=200, steps=20, rate=LEARNING_RATE, kl=0.0, seed=1):
    return run_campaigns(
        process, base_policies(process, n), np.full(n, rate), np.full(n, kl), np.full(n, steps),
        np.random.default_rng(seed),
    )  # fmt: skip


def test_drift_is_the_logistic_curve():
    process = make_process(drift=0.1, ceiling=0.8)
    path = skill_paths(process, np.array([0.2]), ONE, NEVER, ONE, 2)[0]
    first = 0.2 + 0.1 * 0.2 * (1 - 0.2 / 0.8)
    assert path.tolist() == pytest.approx([0.2, first, first + 0.1 * first * (1 - first / 0.8)])


def test_a_cliff_is_a_straight_fall_by_what_it_takes_and_nothing_rises_after_it():
    process = make_process(drift=0.1, fall_steps=2.0)
    path = skill_paths(process, np.array([0.4]), ONE, np.array([3.0]), np.array([0.5]), 6)[0]
    assert path[2] > path[1] > path[0]
    assert path[3:].tolist() == pytest.approx([0.75 * path[2], 0.5 * path[2], 0.5 * path[2], 0.5 * path[2]])


@settings(max_examples=60, deadline=None)
@given(
    start=shares, ceiling=st.floats(0.05, 1.0), drift=st.floats(0.0, 5.0), strength=st.floats(0.0, 20.0),
    cliff=st.floats(1.0, 30.0), loss=shares, fall=st.floats(1.0, 20.0),
)  # fmt: skip
def test_skill_stays_a_fraction_whatever_the_parameters(start, ceiling, drift, strength, cliff, loss, fall):
    process = make_process(ceiling=ceiling, drift=drift, fall_steps=fall)
    path = skill_paths(process, np.array([start]), np.array([strength]), np.array([cliff]), np.array([loss]), 20)
    assert path.min() >= 0
    assert path.max() <= max(start, ceiling) + 1e-12


def test_without_a_learning_rate_nothing_moves():
    process = make_process(erosion=0.1)
    campaigns = campaigns_of(process, rate=0.0)
    assert (campaigns.skill == process.start_skill).all()
    assert (campaigns.end.retention == 1).all()
    peak, end = (np.full(200, which) for which in (True, False))
    again = next_start(process, campaigns, peak, end, np.zeros(200))
    assert (again.skill == process.start_skill).all()


def test_a_kl_penalty_lowers_drift_and_hazard():
    process = make_process(kl_half_coefficient=0.05)
    assert dose(process, np.full(2, LEARNING_RATE), np.array([0.0, 0.05])).tolist() == pytest.approx([1.0, 0.5])
    free, held = (campaigns_of(process, kl=coefficient).skill for coefficient in (0.0, 0.05))
    assert (held[:, 1] < free[:, 1]).all()
    hazards = cumulative_hazard(process, np.array([1.0, 0.5]), np.array([20.0, 20.0]))
    assert hazards[1] < hazards[0]


def test_cliffs_follow_their_hazard_and_come_sooner_at_a_larger_learning_rate():
    process = make_process(hazard_steps=10.0, hazard_shape=3.0)
    draws = np.random.default_rng(2).standard_exponential(20_000)
    for strength in (1.0, 2.0):
        steps = cliff_steps(process, np.full(20_000, strength), draws)
        for step in (4.0, 8.0, 12.0):
            expected = 1 - math.exp(-float(cumulative_hazard(process, np.array(strength), np.array(step))))
            assert (steps <= step).mean() == pytest.approx(expected, abs=0.012)
    hazard = [float(cumulative_hazard(process, np.array(1.0), np.array(float(step)))) for step in range(5)]
    assert all(np.diff(hazard, 2) > 0), "a cliff does not become more likely by the step"


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("skill", [0.05, 0.4, 0.9])
def test_batch_noise_has_the_stated_mean_and_variance(correlation, skill):
    process = make_process(problem_correlation=correlation)
    rates = measure_pass_rates(process, np.full((100, 300), skill), np.random.default_rng(3))
    assert np.isin(rates * 64, np.arange(65)).all()
    assert rates.mean() == pytest.approx(skill, abs=0.01)
    assert rates.var() == pytest.approx(float(pass_rate_variance(process, np.array(skill))), rel=0.05)


def test_what_a_cliff_takes_is_a_beta_distribution():
    drawn = draw_shares(np.full(4000, 0.3), 0.1, np.random.default_rng(4))
    assert stats.kstest(drawn, stats.beta(0.3 * 9, 0.7 * 9).cdf).pvalue > 0.01
    assert (draw_shares(np.full(3, 0.3), 0.0, np.random.default_rng(4)) == 0.3).all()


def test_the_peak_checkpoint_is_the_policy_measured_highest_and_selection_costs_what_it_costs():
    process = make_process()
    campaigns = campaigns_of(process, n=500)
    updates = np.argmax(campaigns.rates, axis=1)
    assert (campaigns.peak.skill == campaigns.skill[np.arange(500), updates]).all()
    assert (campaigns.end.skill == campaigns.skill[:, -1]).all()
    highest = campaigns.rates.max(axis=1)
    assert highest.mean() > campaigns.peak.skill.mean() + 0.05, "the highest of noisy rates is not biased upwards"


def test_short_campaigns_beside_long_ones_hold_nothing_past_their_end():
    process = make_process()
    two = base_policies(process, 2)
    campaigns = run_campaigns(
        process, two, np.full(2, LEARNING_RATE), np.zeros(2), np.array([5, 9]), np.random.default_rng(5)
    )
    assert np.isnan(campaigns.rates[0, 5:]).all()
    assert not np.isnan(campaigns.rates[0, :5]).any()
    assert campaigns.end.skill[0] == campaigns.skill[0, 5]
    assert np.isnan(campaigns.skill[0, 6:]).all()


def test_the_next_campaign_starts_from_its_share_of_the_checkpoint_or_from_the_base():
    process = make_process(peak_carryover=0.9, end_carryover=0.5)
    campaigns = campaigns_of(process, n=3)
    source = np.array(["peak", "end", "base"])
    start = next_start(process, campaigns, source == "peak", source == "end", np.array([1.0, 2.0, 1.0]))
    assert start.skill.tolist() == pytest.approx(
        [0.9 * campaigns.peak.skill[0], 0.25 * campaigns.end.skill[1], process.start_skill]
    )
    assert start.retention[2] == 1


def test_other_capabilities_erode_by_the_step_and_are_measured_with_noise():
    process = make_process(erosion=0.01, severity=0.0, severity_spread=0.0)
    trained = campaigns_of(process, n=2000, steps=10).end
    capabilities = true_capabilities(process, trained)
    assert CAPABILITIES[0] == "pass@1"
    assert (capabilities[:, 0] == trained.skill).all()
    assert capabilities[:, 2] == pytest.approx(trained.skill * 0.99**10 * process.cpp_share)
    measured = evaluate(process, trained, np.random.default_rng(6))
    expected = math.sqrt(capabilities[0, 2] * (1 - capabilities[0, 2]) / 1600)
    assert (measured - capabilities)[:, 2].std() == pytest.approx(expected, rel=0.1)


def test_equal_seeds_give_equal_campaigns():
    one, same, other = (campaigns_of(make_process(), seed=seed) for seed in (7, 7, 8))
    assert (one.rates == same.rates).all()
    assert (one.rates != other.rates).any()


def test_the_process_needs_numpy_and_nothing_heavier():
    code = (
        "import sys, workflow_scripts.simulation.collapse_process\n"
        "print({'torch', 'pandas', 'scipy'} & set(sys.modules) or 'light')"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "light\n"
