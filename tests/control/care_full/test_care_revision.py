"""Trigger, inflated noise and alpha by hand."""

import math

import pytest

from workflow_scripts.control.care_full.care_revision import regressions, surprise, surprise_variance, tighten

PREDICTION = {"pass@1": (0.1, 0.05), "cpp_acc": (0.0, 0.1)}


def test_squared_mahalanobis_distance_and_its_quantile() -> None:
    # (0.2 - 0.1) / 0.05 = 2 and (-0.1 - 0) / 0.1 = -1: 4 + 1. chi^2 at 95 % with 2 degrees: -2 ln 0.05 = 5.991.
    distance, quantile = surprise({"pass@1": 0.2, "cpp_acc": -0.1}, PREDICTION, 0.95)
    assert distance == pytest.approx(5.0)
    assert quantile == pytest.approx(-2 * math.log(0.05))


def test_an_unknown_capability_takes_a_degree_of_freedom() -> None:
    distance, quantile = surprise({"pass@1": 0.2, "cpp_acc": None}, PREDICTION, 0.95)
    assert distance == pytest.approx(4.0)
    assert quantile == pytest.approx(3.841, abs=1e-3)
    assert surprise({"pass@1": None, "cpp_acc": None}, PREDICTION, 0.95) is None
    assert surprise({"pass@1": 0.2}, {}, 0.95) is None


def test_surprise_variance_is_the_mean_squared_error() -> None:
    # Errors 0.1 and -0.3: (0.01 + 0.09) / 2, times the factor.
    assert surprise_variance({"pass@1": 0.2, "cpp_acc": -0.3}, PREDICTION, 2.0) == pytest.approx(0.1)
    assert surprise_variance({"pass@1": None}, PREDICTION, 2.0) == 0.0


def test_regressions_are_protected_and_beyond_the_margin() -> None:
    delta = {"pass@1": -0.5, "hard_case_acc": -0.1, "cpp_acc": -0.11, "ood_acc": None}
    assert regressions(delta, ["hard_case_acc", "cpp_acc", "ood_acc"], 0.1) == ["cpp_acc"]


def test_alpha_tightens_by_the_number_of_regressions() -> None:
    assert tighten(0.1, 0.5, 2) == pytest.approx(0.1 / math.e)
    assert tighten(0.1, 0.5, 0) == 0.1
