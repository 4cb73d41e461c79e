"""Simulated coverage: the many intervals at once are those of ``intervals``, and what is known of their coverage."""

from pathlib import Path

import numpy as np
import pytest

from tests.makers.scripts import run_script
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics import simulate_coverage
from workflow_scripts.statistics.interval_coverage import POPULATIONS, intervals_of_samples, simulate
from workflow_scripts.statistics.intervals import EXACT, EXACT_BCA, RESAMPLED, STUDENT, Bootstrap, mean_intervals

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=10**6, resamples=2000)


@pytest.mark.parametrize("n", [2, 3, 5, 6])
@pytest.mark.parametrize("name", POPULATIONS)
def test_many_enumerated_intervals_at_once_are_the_single_ones(name: str, n: int) -> None:
    samples = POPULATIONS[name].draw(np.random.default_rng(n), (60, n))
    found = intervals_of_samples(samples, BOOTSTRAP, np.random.default_rng(0))
    for place, sample in enumerate(samples):
        for single in mean_intervals(sample.tolist(), BOOTSTRAP, seed=0):
            bounds = [np.nan if bound is None else bound for bound in (single["low"], single["high"])]
            assert found[single["method"]][place] == pytest.approx(bounds, abs=1e-12, nan_ok=True), single["method"]


def test_drawn_intervals_at_once_are_near_the_single_ones() -> None:
    samples = POPULATIONS["collapsed"].draw(np.random.default_rng(1), (20, 12))
    many = Bootstrap(0.95, 10**6, 20_000)
    found = intervals_of_samples(samples, many, np.random.default_rng(2))
    for place, sample in enumerate(samples):
        for single in mean_intervals(sample.tolist(), many, seed=place):
            assert found[single["method"]][place] == pytest.approx([single["low"], single["high"]], abs=0.01)


@pytest.mark.parametrize("name", POPULATIONS)
def test_a_populations_moments_are_those_of_its_draws(name: str) -> None:
    population = POPULATIONS[name]
    values = population.draw(np.random.default_rng(0), (1000, 1000))
    error = population.standard_deviation / 1000
    assert values.mean() == pytest.approx(population.mean, abs=5 * error)
    assert values.std() == pytest.approx(population.standard_deviation, rel=0.05)


def test_student_t_holds_its_level_under_the_normal_and_few_seeds_leave_the_bootstrap_short() -> None:
    found = {(n, one["method"]): one for n in (2, 3) for one in simulate("normal", n, 4000, BOOTSTRAP, seed=3)}
    for n in (2, 3):
        assert abs(found[n, STUDENT]["coverage"] - 0.95) < 4 * 0.0035
    # At n = 2 the exact bootstrap's bounds are the two values, which lie on both sides of the mean half of the time; at
    # n = 3 they are the lowest and the highest, on both sides in 1 - 2 / 2^3 of samples.
    for n, share in ((2, 0.5), (3, 0.75)):
        one = found[n, EXACT]
        assert abs(one["coverage"] - share) < 4 * one["standard_error"]
        assert one["standard_error"] == pytest.approx((share * (1 - share) / 4000) ** 0.5, rel=0.05)


def test_a_sample_without_an_interval_does_not_hold_the_mean() -> None:
    bca = next(one for one in simulate("collapsed", 2, 4000, BOOTSTRAP, seed=4) if one["method"] == EXACT_BCA)
    assert bca["undefined"] == pytest.approx(0.4**2, abs=0.03)
    assert bca["coverage"] < 1 - bca["undefined"]


def test_as_a_process_it_repeats_its_bytes_and_says_how_it_was_made(tmp_path: Path) -> None:
    given = "--sizes 3 9 --samples 600 --seed 5 --confidence 0.9 --max-atoms 1000000 --resamples 200"
    for name in ("one", "two"):
        done = run_script(simulate_coverage.__name__, *given.split(), "--output", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    found = read_json(tmp_path / "one", "coverage")
    assert (found["level"], found["samples"], found["resamples"], found["unit"]) == (0.9, 600, 200, "seed")
    methods = {(one["population"], one["n"], one["method"]) for one in found["methods"]}
    assert len(methods) == len(found["methods"]) == len(POPULATIONS) * 2 * 3
    assert {("normal", 3, EXACT), ("normal", 9, RESAMPLED)} <= methods


@pytest.mark.parametrize(("option", "value"), [("--sizes", "1"), ("--confidence", "95"), ("--samples", "0")])
def test_impossible_settings_are_refused_by_name(option: str, value: str, tmp_path: Path) -> None:
    given = "--sizes 3 --samples 6 --seed 5 --confidence 0.9 --max-atoms 99 --resamples 9"
    done = run_script(simulate_coverage.__name__, *given.split(), "--output", tmp_path / "none", option, value)
    assert done.returncode == 2
    assert option in done.stderr
    assert not (tmp_path / "none").exists()
