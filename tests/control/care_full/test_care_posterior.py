"""The recursive posterior against the closed form, the joint Gaussian and scikit-learn; probabilities against scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.linear_model import BayesianRidge

from workflow_scripts.control.care_full.care_posterior import Posterior, predict, prior, regression_probability, update

SCALE, NOISE = 0.1, 0.05


def observations(seed: int, count: int, features: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (count, features), deltas (count,) and noise variances (count,), some of them inflated."""
    draw = np.random.default_rng(seed)
    variances = NOISE**2 * draw.choice([1.0, 4.0, 25.0], size=count)
    return draw.uniform(0, 1, (count, features)), draw.normal(0, 0.2, count), variances


def learn(phis: np.ndarray, deltas: np.ndarray, variances: np.ndarray) -> Posterior:
    belief = prior(phis.shape[1], SCALE)
    for phi, delta, variance in zip(phis.tolist(), deltas.tolist(), variances.tolist(), strict=True):
        belief = update(belief, phi, delta, variance)
    return belief


@pytest.mark.parametrize("count", [0, 1, 2, 9, 40])
@pytest.mark.parametrize("features", [1, 3, 6])
def test_closed_form(count: int, features: int) -> None:
    phis, deltas, variances = observations(count, count, features)
    covariance = np.linalg.inv(np.eye(features) / SCALE**2 + (phis / variances[:, None]).T @ phis)
    mean = covariance @ (phis.T @ (deltas / variances))
    belief = learn(phis, deltas, variances)
    np.testing.assert_allclose(belief.mean, mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(belief.covariance, covariance, rtol=1e-9, atol=1e-12)


def test_predictions_are_the_conditional_of_the_joint_gaussian() -> None:
    """Observations and the next delta are jointly Gaussian, with covariance scale^2 phi phi^T + noise: no weights."""
    phis, deltas, variances = observations(5, 8, 3)
    new = np.array([1.0, 0.4, 0.9])
    kernel = SCALE**2 * phis @ phis.T + np.diag(variances)
    towards_new = SCALE**2 * phis @ new
    mean = towards_new @ np.linalg.solve(kernel, deltas)
    variance = SCALE**2 * new @ new + NOISE**2 - towards_new @ np.linalg.solve(kernel, towards_new)
    assert predict(learn(phis, deltas, variances), new.tolist(), NOISE**2) == pytest.approx((mean, math.sqrt(variance)))


def test_scikit_learn() -> None:
    """BayesianRidge re-estimates its precisions; Gamma priors of shape and rate this large hold them where they are."""
    phis, deltas, _ = observations(3, 25, 3)
    weight = 1e12
    model = BayesianRidge(
        fit_intercept=False,
        alpha_init=NOISE**-2, alpha_1=weight * NOISE**-2, alpha_2=weight,
        lambda_init=SCALE**-2, lambda_1=weight * SCALE**-2, lambda_2=weight,
    ).fit(phis, deltas)  # fmt: skip
    belief = learn(phis, deltas, np.full(25, NOISE**2))
    np.testing.assert_allclose(belief.mean, model.coef_, rtol=1e-6)
    np.testing.assert_allclose(belief.covariance, model.sigma_, rtol=1e-6)
    means, deviations = model.predict(phis, return_std=True)
    ours = [predict(belief, phi, NOISE**2) for phi in phis.tolist()]
    np.testing.assert_allclose(ours, np.column_stack([means, deviations]), rtol=1e-6)


@given(mean=st.floats(-1, 1), deviation=st.floats(0.01, 1), margin=st.floats(0, 0.5))
def test_regression_probability_is_the_normal_cdf(mean: float, deviation: float, margin: float) -> None:
    expected = norm.cdf(-margin, loc=mean, scale=deviation)
    assert regression_probability(mean, deviation, margin) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_an_observation_narrows_and_an_inflated_one_narrows_less() -> None:
    phi = (1.0, 0.5, 1.0)
    before = predict(prior(3, SCALE), phi, NOISE**2)[1]
    plain = predict(update(prior(3, SCALE), phi, -0.2, NOISE**2), phi, NOISE**2)
    inflated = predict(update(prior(3, SCALE), phi, -0.2, NOISE**2 + 0.04), phi, NOISE**2)
    assert before > inflated[1] > plain[1] > NOISE
    assert -0.2 < plain[0] < inflated[0] < 0
