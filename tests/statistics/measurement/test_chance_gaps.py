"""Gaps and chance: once more from raw traces, in pandas and by all orders; ends and peaks that a test knows."""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.makers.measurement import CAMPAIGNS, CONTROLLERS, SEEDS, STILL, make_chains
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.chain_outcomes import Chains, select_chains
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.chance_gaps import gaps, of_values, of_window_means
from workflow_scripts.statistics.measurement.ratios import FIELLER

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)
SMOOTHED = 5


def chains_of(made: list[dict[str, Any]]) -> Chains:
    return select_chains(made, [*CONTROLLERS, STILL], SEEDS, CAMPAIGNS)[0]


def test_a_curve_in_any_order_has_its_maximum_less_its_mean() -> None:
    values = [0.2, 0.5, 0.3, 0.3]
    orders = [max(order) - order[-1] for order in itertools.permutations(values)]
    assert of_values(values) == pytest.approx((0.2, np.mean(orders)))
    assert of_values([0.1, 0.2, 0.3]) == pytest.approx((0.0, 0.1))


def test_means_of_steps_are_taken_in_drawn_orders() -> None:
    rates = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.35]
    observed, permuted = of_window_means(rates, 1)
    means = pd.Series(rates).rolling(SMOOTHED).mean().dropna()
    assert observed == pytest.approx(means.max() - means.iloc[-1])
    assert permuted == pytest.approx(exact_mean_gap(rates), abs=0.01)
    assert of_window_means(rates, 1) == (observed, permuted)
    assert of_window_means(rates[:SMOOTHED], 1) == (0.0, pytest.approx(0.0))


def exact_mean_gap(rates: list[float]) -> float:
    """Over all orders; the seven steps of a test have 5,040."""
    orders = np.array(list(itertools.permutations(rates)))
    windows = np.stack([orders[:, at : at + SMOOTHED].mean(axis=1) for at in range(len(rates) - SMOOTHED + 1)], axis=1)
    return float((windows.max(axis=1) - windows[:, -1]).mean())


def read_raw(folder: Path) -> pd.DataFrame:
    """One row for each campaign after the first, from the files alone."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        trace = json.loads(path.read_text())
        if trace["identity"]["campaign"] == 1:
            continue
        rates = [step["CodeGrader/pass_rate/mean"] for step in trace["steps"]]
        smooth = pd.Series(rates).rolling(SMOOTHED).mean().dropna().to_numpy()
        held_out = np.array([probe["pass@1"] for probe in trace["probe"]])
        rows.append(
            {
                "controller": trace["identity"]["controller"],
                "seed": trace["identity"]["seed"],
                "steps observed": max(rates) - rates[-1],
                "steps permuted": max(rates) - np.mean(rates),
                "step_means observed": smooth.max() - smooth[-1],
                "step_means permuted": exact_mean_gap(rates),
                "probe observed": held_out.max() - held_out[-1],
                "probe permuted": held_out.max() - held_out.mean(),
            }
        )
    return pd.DataFrame(rows)


def test_every_number_once_more_from_the_raw_traces(tmp_path: Path) -> None:
    """In pandas, without the module's functions; drawn orders against all of them, Fieller's bounds by the t test."""
    made = make_chains()
    for number, trace in enumerate(made):
        write_json(tmp_path / f"{number}.json", trace, "trace")
    raw = read_raw(tmp_path).groupby(["controller", "seed"]).mean()
    found = gaps(chains_of(made), CONTROLLERS, STILL, BOOTSTRAP)
    assert list(found) == ["steps", "step_means", "probe"]
    for curve, by_controller in found.items():
        close = 0.004 if curve == "step_means" else 1e-9
        assert list(by_controller) == [*CONTROLLERS, STILL]
        for name, own in by_controller.items():
            observed, permuted = raw.loc[name, f"{curve} observed"], raw.loc[name, f"{curve} permuted"]
            for measure, expected in (("observed", observed), ("permuted", permuted), ("excess", observed - permuted)):
                metric = own[measure]
                by_seed = {one["seed"]: one["value"] for one in metric["values"]}
                assert by_seed == pytest.approx(expected.to_dict(), abs=close)
                low, high = stats.t.interval(0.95, len(SEEDS) - 1, expected.mean(), stats.sem(expected))
                student = next(one for one in metric["intervals"] if one["method"] == "Student t")
                assert (student["low"], student["high"]) == pytest.approx((low, high), abs=10 * close)
            assert own["share_of_permuted"]["value"] == pytest.approx(permuted.mean() / observed.mean(), rel=0.05)
            if name == STILL:
                assert own["share_of_still"] is None
                continue
            still = raw.loc[STILL, f"{curve} observed"]
            share = own["share_of_still"]
            assert share["value"] == pytest.approx(still.mean() / observed.mean())
            fieller = next(one for one in share["intervals"] if one["method"] == FIELLER)
            for bound in (fieller["low"], fieller["high"]):
                if bound is not None:
                    assert stats.ttest_1samp(still - bound * observed, 0).pvalue == pytest.approx(0.05)


def test_a_rise_has_a_gap_below_chance_and_a_fall_one_above() -> None:
    found = gaps(chains_of(make_chains()), CONTROLLERS, STILL, BOOTSTRAP)["steps"]
    assert found["A0"]["excess"]["mean"] < 0 < found["A3"]["excess"]["mean"]


def test_a_curve_that_campaigns_do_not_have_is_left_out() -> None:
    made = make_chains()
    for trace in made:
        trace["probe"] = trace["probe"][:2]
    assert list(gaps(chains_of(made), CONTROLLERS, STILL, BOOTSTRAP)) == ["steps", "step_means"]


def test_campaigns_too_short_for_a_mean_of_steps_do_not_count() -> None:
    made = make_chains()
    for trace in made:
        if trace["identity"]["campaign"] == 2:
            trace["steps"] = trace["steps"][: SMOOTHED - 1]
    found = gaps(chains_of(made), CONTROLLERS, STILL, BOOTSTRAP)["step_means"]
    last = chains_of(made)["A0", 1][-1]
    smooth = pd.Series([step["CodeGrader/pass_rate/mean"] for step in last["steps"]]).rolling(SMOOTHED).mean().dropna()
    assert found["A0"]["observed"]["values"][0]["value"] == pytest.approx(smooth.max() - smooth.iloc[-1])
