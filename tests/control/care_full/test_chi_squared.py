"""The quantile without scipy against scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from workflow_scripts.control.care_full.chi_squared import chi_squared_cdf, chi_squared_quantile


@given(value=st.floats(0, 60), degrees=st.integers(1, 8))
def test_cdf(value: float, degrees: int) -> None:
    assert chi_squared_cdf(value, degrees) == pytest.approx(chi2.cdf(value, degrees), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("degrees", range(1, 9))
@pytest.mark.parametrize("probability", [0.01, 0.5, 0.9, 0.95, 0.99, 0.999])
def test_quantile(probability: float, degrees: int) -> None:
    assert chi_squared_quantile(probability, degrees) == pytest.approx(chi2.ppf(probability, degrees), rel=1e-9)
