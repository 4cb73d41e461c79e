"""Table 12 from traces to cells, against a second and naive way to the same numbers."""

import csv
import itertools
import math

import pytest

from tests.makers.synthetic_statistics import SEEDS
from tests.tables.built_tables import THREE, build, find, make_waves, published, write_files
from tests.tables.made_up_waves import draw_rates, summarise_rates

ALONE, STOPPED, DIFFERENCE = "GRPO, A0, same seeds", "GRPO, ES", "ES-A0 (W18-W17)"


def test_numbers_are_those_of_the_naive_way(tmp_path, monkeypatch) -> None:
    rates = {"W17": draw_rates(5, ("A0", "A3"), SEEDS, 3), "W18": draw_rates(6, ("ES",), THREE, 3)}
    waves = {wave: summarise_rates(wave, of_wave) for wave, of_wave in rates.items()}
    files = write_files("tab12", tmp_path, monkeypatch, waves)
    rows = {(row["method"], row["quantity"]): row for row in csv.DictReader(files["csv"].splitlines())}

    stopped = {seed: 100 * rates["W18"]["ES", seed, 3][-1] for seed in THREE}
    alone = {seed: 100 * rates["W17"]["A0", seed, 3][-1] for seed in THREE}
    differences = {seed: stopped[seed] - alone[seed] for seed in THREE}
    assert len(set(differences.values())) > 1
    for method, expected in ((STOPPED, stopped), (ALONE, alone), (DIFFERENCE, differences)):
        row = rows[method, "end_pass_rate"]
        found = dict(pair.split(":") for pair in row["seeds"].split(";"))
        assert {int(seed): float(value) for seed, value in found.items()} == pytest.approx(expected)
        values = list(expected.values())
        # 27 resamples, each with probability 0.037: the interval reaches from the smallest to the largest value.
        assert float(row["mean"]) == pytest.approx(sum(values) / 3)
        assert (float(row["bootstrap_low"]), float(row["bootstrap_high"])) == pytest.approx((min(values), max(values)))
        assert row["n"] == "3"
    flips = [
        abs(math.fsum(sign * value for sign, value in zip(signs, differences.values(), strict=True)))
        for signs in itertools.product((1, -1), repeat=3)
    ]
    extreme = sum(flip >= abs(sum(differences.values())) - 1e-9 for flip in flips)
    assert float(rows[DIFFERENCE, "end_pass_rate"]["sign_flip_p"]) == pytest.approx(extreme / 8)


def test_both_means_are_over_the_seeds_that_have_both() -> None:
    waves = make_waves("tab12")
    alone = waves["W17"]["controllers"]["A0"]["end_pass_rate"]
    alone["values"] = [value for value in alone["values"] if value["seed"] != 23]
    records, _ = build("tab12", waves)
    for method in (STOPPED, ALONE, DIFFERENCE):
        assert sorted(find(records, "end_pass_rate", method).ours.seeds) == [17, 42]
    assert sorted(find(records, "end_probe", STOPPED).ours.seeds) == [17, 23, 42]


@pytest.mark.parametrize(
    ("missing", "stopped", "alone"),
    [
        ("W18", "not run: no statistics of wave W18", "no seeds to match; not run: no statistics of wave W18"),
        ("W17", "measured", "not run: no statistics of wave W17"),
    ],
)
def test_a_missing_wave_is_said_in_every_cell_that_needs_it(missing: str, stopped: str, alone: str) -> None:
    waves = make_waves("tab12")
    del waves[missing]
    records, _ = build("tab12", waves)
    assert find(records, "end_pass_rate", STOPPED).status == stopped
    assert find(records, "end_pass_rate", ALONE).status == alone
    assert find(records, "end_pass_rate", DIFFERENCE).status == f"not run: no statistics of wave {missing}"


def test_the_papers_numbers_follow_from_its_seeds() -> None:
    with_stop, alone, paired = (row.cells["end_pass_rate"] for row in published("tab12").rows)
    by_row, differences = [with_stop.seeds, alone.seeds], paired.seeds
    assert differences == pytest.approx({seed: by_row[0][seed] - by_row[1][seed] for seed in THREE})
    assert (paired.interval.low, paired.interval.high) == (min(differences.values()), max(differences.values()))
    for printed in (with_stop, alone):
        assert sum(printed.seeds.values()) / 3 == pytest.approx(printed.value, abs=0.05)
    assert sum(differences.values()) / 3 == pytest.approx(paired.value, abs=0.005)
