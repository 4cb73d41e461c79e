"""The chi-squared distribution's quantile, without scipy: a controller must start in milliseconds."""

import math


def chi_squared_cdf(value: float, degrees: int) -> float:
    """Pr[X <= ``value``] for X ~ chi^2 with ``degrees`` >= 1 of freedom: the regularised incomplete gamma P(k/2, x/2).

    By its power series, P(a, x) = x^a e^-x sum_n x^n / Gamma(a + n + 1), whose terms are all positive.
    """
    shape, half = degrees / 2, value / 2
    if half <= 0:
        return 0.0
    term = math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
    total, n = 0.0, 0
    while term > 1e-17 * total:
        total += term
        n += 1
        term *= half / (shape + n)
    return min(total, 1.0)


def chi_squared_quantile(probability: float, degrees: int) -> float:
    """The value x with Pr[X <= x] = ``probability`` (1e-6 to 1 - 1e-12), by bisection to the last bits of a float."""
    low, high = 0.0, 1.0
    while chi_squared_cdf(high, degrees) < probability:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if chi_squared_cdf(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
