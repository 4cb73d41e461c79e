"""pass@k against exact combinatorics, and against drawing every subset."""

from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.evaluation.pass_at_k import mean_pass_at_k, pass_at_k


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    n = draw(st.integers(1, 2000))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@given(counts())
def test_the_exact_binomials_give_the_same(drawn: tuple[int, int, int]) -> None:
    n, c, k = drawn
    exact = 1 - Fraction(comb(n - c, k), comb(n, k))
    assert pass_at_k(n, c, k) == pytest.approx(float(exact), rel=1e-9, abs=1e-12)
    assert 0 <= pass_at_k(n, c, k) <= 1


def test_it_is_the_share_of_subsets_with_a_pass() -> None:
    n = 7
    for c in range(n + 1):
        passed = [number < c for number in range(n)]
        for k in range(1, n + 1):
            subsets = list(combinations(passed, k))
            assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))


@given(counts())
def test_more_draws_and_more_passes_never_lower_it(drawn: tuple[int, int, int]) -> None:
    n, c, k = drawn
    if k < n:
        assert pass_at_k(n, c, k + 1) >= pass_at_k(n, c, k) - 1e-12
    if c < n:
        assert pass_at_k(n, c + 1, k) >= pass_at_k(n, c, k)


def test_known_values() -> None:
    assert pass_at_k(16, 4, 1) == pytest.approx(0.25)
    assert pass_at_k(16, 0, 16) == 0
    assert pass_at_k(16, 1, 16) == 1
    assert pass_at_k(16, 16, 1) == 1
    assert pass_at_k(200, 13, 100) == pytest.approx(float(1 - Fraction(comb(187, 100), comb(200, 100))))


def test_problems_weigh_the_same_whatever_their_samples() -> None:
    assert mean_pass_at_k([(16, 16), (2, 0)], 1) == 0.5
    assert mean_pass_at_k([(4, 1), (4, 3)], 4) == 1


@pytest.mark.parametrize(("n", "c", "k"), [(4, 5, 1), (4, -1, 1), (4, 2, 5), (4, 2, 0), (0, 0, 1)])
def test_impossible_counts_are_refused(n: int, c: int, k: int) -> None:
    with pytest.raises(ValueError, match="is not between"):
        pass_at_k(n, c, k)


def test_no_problem_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no problem"):
        mean_pass_at_k([], 1)
