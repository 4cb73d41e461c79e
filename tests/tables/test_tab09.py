"""Table 9 from traces to cells, against a second and naive way to the same numbers."""

import csv
import math
from itertools import product

import pytest

from tests.makers.synthetic_statistics import SEEDS
from tests.tables.built_tables import THREE, build, make_waves, write_files
from tests.tables.made_up_waves import Rates, draw_rates, summarise_rates

ROWS = {
    "A0 naive": ("W4", "A0"),
    "A3 CARE v2": ("W4", "A3"),
    "M1 MORBO proxy": ("W14", "M1"),
    "A4 K-dim CARE": ("W15", "A4"),
    "ES deployed": ("W8", "ES"),
}


@pytest.fixture(scope="module")
def rates() -> dict[str, Rates]:
    """Pass rates of every campaign of the four waves, drawn in sixteenths."""
    return {
        "W4": draw_rates(1, ("A0", "A3"), SEEDS, 4),
        "W14": draw_rates(2, ("M1",), THREE, 4),
        "W15": draw_rates(3, ("A4",), THREE, 4),
        "W8": draw_rates(4, ("ES",), THREE, 4),
    }


@pytest.fixture(scope="module")
def written(rates: dict[str, Rates], tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, str]]:
    """The csv's rows by method and quantity, by way of traces, statistics and the command line."""
    waves = {wave: summarise_rates(wave, of_wave) for wave, of_wave in rates.items()}
    with pytest.MonkeyPatch.context() as patch:
        files = write_files("tab09", tmp_path_factory.mktemp("tab09"), patch, waves)
    rows = csv.DictReader(files["csv"].splitlines())
    return {(row["method"], row["quantity"]): row for row in rows}


def chains(rates: Rates, controller: str) -> dict[int, list[list[float]]]:
    """By seed: the campaigns of one controller's chain, in order."""
    seeds = sorted({seed for owner, seed, _ in rates if owner == controller})
    return {seed: [rates[controller, seed, campaign] for campaign in (1, 2, 3, 4)] for seed in seeds}


def walk(campaign: list[float]) -> tuple[int, float]:
    """Section 5.8 step by step: how far the campaign runs, and the best that was seen until then."""
    for stop in range(1, len(campaign) + 1):
        seen = campaign[:stop]
        if stop >= 4 and all(max(seen[: stop - k]) - seen[stop - 1 - k] > 0.02 + 1e-9 for k in (0, 1, 2)):
            return stop, max(seen)
    return len(campaign), max(campaign)


def naive(quantity: str, campaigns: list[list[float]]) -> float:
    """A chain's value: rates in percent."""
    if quantity in ("end_pass_rate", "end_probe"):  # these traces' last probe is the last step's pass rate
        return 100 * campaigns[-1][-1]
    if quantity == "oracle_end":
        return 100 * walk(campaigns[-1])[1]
    if quantity == "oracle_steps":
        return sum(walk(campaign)[0] for campaign in campaigns)
    return 100 * max(rate for campaign in campaigns for rate in campaign)


@pytest.mark.parametrize("method", ROWS)
@pytest.mark.parametrize("quantity", ["end_pass_rate", "end_probe", "oracle_end", "oracle_steps", "hindsight"])
def test_numbers_are_those_of_the_naive_way(rates, written, method: str, quantity: str) -> None:
    wave, controller = ROWS[method]
    row = written[method, quantity]
    if method == "ES deployed" and quantity == "oracle_end":
        assert (row["status"], row["mean"], row["published_mean"]) == ("not applicable", "", "")
        return
    by_seed = {}
    for seed, campaigns in chains(rates[wave], controller).items():
        by_seed[seed] = naive(quantity, campaigns)
        if method == "ES deployed" and quantity == "oracle_steps":
            by_seed[seed] = sum(len(campaign) for campaign in campaigns)
    found = {int(seed): float(value) for seed, value in (pair.split(":") for pair in row["seeds"].split(";"))}
    assert found == pytest.approx(by_seed)
    values = list(by_seed.values())
    means = sorted(math.fsum(draw) / len(draw) for draw in product(values, repeat=len(values)))
    low, high = (means[math.ceil(level * len(means)) - 1] for level in (0.025, 0.975))
    assert float(row["mean"]) == pytest.approx(sum(values) / len(values))
    assert (float(row["bootstrap_low"]), float(row["bootstrap_high"])) == pytest.approx((low, high))
    assert int(row["n"]) == len(values)


def test_the_oracle_does_stop_in_these_traces(rates) -> None:
    stops = [
        walk(campaign)[0] < len(campaign)
        for wave, controller in ROWS.values()
        for campaigns in chains(rates[wave], controller).values()
        for campaign in campaigns
    ]
    assert any(stops)
    assert not all(stops)


def test_ours_and_the_papers_lines_stand_side_by_side() -> None:
    waves = make_waves("tab09")
    del waves["W15"]
    _, table = build("tab09", waves)
    frame = table.panels[0].frame
    assert list(frame[""]) == ["ours", "paper"] * 5
    deployed = frame.iloc[9]
    assert (deployed["Achieved (%)"], deployed["Trace oracle (%)"]) == ("22.2 [14.1, 28.0], n = 3", "not reported")
    assert (deployed["Steps"], deployed["Hindsight (%)"]) == ("51.0, n = 3", "49.0 [37.0, 62.5], n = 3")
    assert list(frame["n"]) == ["5 seeds", "", "5 seeds", "", "3 seeds", "", "-", "", "3 seeds", ""]
    absent = list(frame.iloc[6])
    assert absent[2:] == ["not run: no statistics of wave W15", "-", "-", "-", "-", "-"]
