"""Paired contrasts and the sign-flip test, exact and by draws."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from workflow_scripts.statistics import contrasts
from workflow_scripts.statistics.contrasts import (
    EXACT,
    adjusted_by_holm,
    holm,
    paired_contrast,
    probability_of_improvement,
    sign_flip,
)
from workflow_scripts.statistics.intervals import Bootstrap

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=10**6, resamples=10_000)
NONE = {"holm": None, "tests": 0}


def one(p_value: float) -> dict:
    """A family of one test."""
    return {"holm": p_value, "tests": 1}


def test_the_papers_headline_contrast_does_not_reach_significance() -> None:
    """3B, CARE - naive (section 5.6): the bootstrap excludes zero, the exact test says p = 0.125."""
    assert sign_flip([11.1, 10.2, 1.7, 1.7, -1.6], BOOTSTRAP, 0) == {
        "method": EXACT,
        "p_value": 0.125,
        "floor": 0.0625,
        "n": 5,
        "holm": 0.125,
        "tests": 1,
    }


@settings(deadline=None)
@given(st.lists(st.integers(-64, 64).map(lambda passed: passed / 64), min_size=1, max_size=6))
def test_sign_flip_is_the_naive_enumeration(differences: list[float]) -> None:
    patterns = itertools.product((1, -1), repeat=len(differences))
    means = [abs(np.mean(np.multiply(pattern, differences))) for pattern in patterns]
    expected = np.mean([value >= abs(np.mean(differences)) - 1e-12 for value in means])
    found = sign_flip(differences, BOOTSTRAP, 0)
    assert found["p_value"] == expected
    assert found["p_value"] >= found["floor"]


def test_sign_flip_is_scipys() -> None:
    differences = [0.3, -0.1, 0.25, 0.02, 0.4]
    expected = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(differences, BOOTSTRAP, 0)["p_value"] == pytest.approx(expected.pvalue)


def test_ties_by_rounding_are_ties() -> None:
    assert sign_flip([0.1, 0.2, -0.3], BOOTSTRAP, 0)["p_value"] == 1.0


def test_the_edges_of_n() -> None:
    assert sign_flip([], BOOTSTRAP, 0) == {"method": EXACT, "p_value": None, "floor": None, "n": 0} | NONE
    assert sign_flip([0.2], BOOTSTRAP, 0) == {"method": EXACT, "p_value": 1.0, "floor": 1.0, "n": 1} | one(1.0)
    assert sign_flip([0.0] * 4, BOOTSTRAP, 0)["p_value"] == 1.0
    assert sign_flip([0.1] * 24, BOOTSTRAP, 0)["p_value"] == 2 / 2**24


@pytest.mark.parametrize("n", [25, 400])
def test_many_pairs_are_tested_by_draws_that_say_so(n: int) -> None:
    floor = 1 / 10_001
    found = sign_flip([0.1] * n, BOOTSTRAP, 0)
    assert (found["p_value"], found["floor"], found["n"]) == (pytest.approx(floor), pytest.approx(floor), n)
    assert found["method"] == (
        f"two-sided sign-flip test by 10000 draws from the 2^{n} sign patterns (smallest p {floor:.2g})"
    )
    assert sign_flip([0.0] * n, BOOTSTRAP, 0)["p_value"] == 1.0


def test_draws_follow_the_seed_and_agree_with_the_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    differences = [0.3, -0.1, 0.25, 0.02, 0.4, -0.2, 0.15, 0.05]
    exact = sign_flip(differences, BOOTSTRAP, 1)["p_value"]
    monkeypatch.setattr(contrasts, "_ENUMERATED_PAIRS", 7)
    drawn = sign_flip(differences, BOOTSTRAP, 1)
    assert drawn == sign_flip(differences, BOOTSTRAP, 1) != sign_flip(differences, BOOTSTRAP, 2)
    assert drawn["p_value"] == pytest.approx(exact, abs=0.02)
    first, second = dict.fromkeys(range(30), 0.0), {seed: 0.01 * (seed - 9) for seed in range(30)}
    contrast = paired_contrast(first, second, BOOTSTRAP, seed=3)
    assert contrast == paired_contrast(first, second, BOOTSTRAP, seed=3)
    assert "draws from the 2^30" in contrast["sign_flip"]["method"]


def test_only_seeds_with_both_are_paired() -> None:
    contrast = paired_contrast({7: 0.1, 11: 0.2, 17: 0.3}, {11: 0.5, 17: 0.4, 23: 0.9}, BOOTSTRAP, seed=0)
    assert [entry["seed"] for entry in contrast["differences"]] == [11, 17]
    assert [entry["value"] for entry in contrast["differences"]] == pytest.approx([0.3, 0.1])
    assert contrast["mean"] == pytest.approx(0.2)
    assert (contrast["n"], contrast["unit"]) == (2, "seed")
    assert contrast["sign_flip"] == {"method": EXACT, "p_value": 0.5, "floor": 0.5, "n": 2} | one(0.5)


def test_without_pairs_everything_is_null_with_words() -> None:
    contrast = paired_contrast({7: 0.1}, {11: 0.5}, BOOTSTRAP, seed=0)
    assert (contrast["mean"], contrast["n"], contrast["sign_flip"]["p_value"]) == (None, 0, None)
    assert contrast["intervals"][0]["note"].startswith("0 seeds")


def test_holm_by_hand() -> None:
    """Three tests: 3 x 0.01, 2 x 0.03, and 0.04 raised to what came before it (Holm 1979)."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_what_the_step_down_procedure_rejects(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for level in (0.05, 0.2):
        rejected = 0
        for p in sorted(p_values):
            if p * (len(p_values) - rejected) > level:
                break
            rejected += 1
        assert sum(p <= level for p in adjusted) == rejected
    assert all(p <= q <= min(1.0, len(p_values) * p) + 1e-12 for p, q in zip(p_values, adjusted, strict=True))


def test_a_family_counts_the_tests_that_it_has() -> None:
    first = dict.fromkeys(range(6), 0.0)
    second, third = {seed: 0.1 + seed / 100 for seed in first}, {seed: (-1) ** seed / 10 for seed in first}
    contrasts = {name: paired_contrast(first, other, BOOTSTRAP, 0) for name, other in
                 (("up", second), ("down", third), ("none", {}))}  # fmt: skip
    adjusted = adjusted_by_holm(contrasts)
    assert adjusted["up"]["sign_flip"] == contrasts["up"]["sign_flip"] | {"holm": 2 * 2 / 2**6, "tests": 2}
    assert adjusted["down"]["sign_flip"]["holm"] == 1.0
    assert adjusted["none"]["sign_flip"] == {"method": EXACT, "p_value": None, "floor": None, "n": 0} | NONE | {
        "tests": 2
    }
    assert all(adjusted[name]["intervals"] == contrasts[name]["intervals"] for name in contrasts)


def test_probability_of_improvement_counts_ties_half() -> None:
    assert probability_of_improvement([0.2, 0.0, -0.1, 0.3]) == 0.625
    assert probability_of_improvement([]) is None
