"""Table 11 against means over campaigns computed the slow way, from the pass rates that its traces were made of."""

import pytest

from tests.makers.synthetic_statistics import cluster_interval
from tests.tables.built_tables import bounds, build, find, published
from tests.tables.made_up_waves import draw_rates, summarise_rates

SEEDS = (7, 11, 17, 23)
REINFORCE = draw_rates(3, ("A0", "A3"), SEEDS, 10)
GRPO = draw_rates(4, ("A0", "A3"), SEEDS, 10)


def build_of(**rates):
    waves = {wave: summarise_rates(wave, of) for wave, of in rates.items()}
    return build("tab11", waves)


@pytest.fixture(scope="module")
def built():
    return build_of(W4=REINFORCE, W17=GRPO)


def naive_gap(values):
    best = -1.0
    for rate in values:
        best = rate if rate > best else best
    return best - values[len(values) - 1]


METRICS = {
    "peak": lambda values: sorted(values)[-1],
    "end": lambda values: values[-1],
    "gap": naive_gap,
    "gap_above_0.2": lambda values: 100.0 if naive_gap(values) > 0.2 else 0.0,
    "gap_above_0.3": lambda values: 100.0 if naive_gap(values) > 0.3 else 0.0,
    "gap_above_0.5": lambda values: 100.0 if naive_gap(values) > 0.5 else 0.0,
    "probe_peak": lambda values: max(values[0], values[-1]),
    "probe_gap": lambda values: max(values[0], values[-1]) - values[-1],
}


@pytest.mark.parametrize(("row", "rates"), [("reinforce", REINFORCE), ("grpo", GRPO)])
@pytest.mark.parametrize("metric", METRICS)
def test_means_and_intervals_over_campaigns(built, row, rates, metric):
    by_seed = [[METRICS[metric](rates["A0", seed, number]) for number in range(1, 11)] for seed in SEEDS]
    values = [value for of_seed in by_seed for value in of_seed]
    record = find(built[0], metric, row)
    assert record.ours.value == pytest.approx(sum(values) / 40)
    assert bounds(record) == pytest.approx(cluster_interval(by_seed))
    assert record.ours.interval.method == "exact cluster bootstrap over seeds"
    assert (record.ours.n, record.ours.unit, record.ours.n_seeds) == (40, "campaign", 4)
    assert record.ours.by_campaign.low <= record.ours.value <= record.ours.by_campaign.high
    assert find(built[0], "n", row).ours.value == 40


def test_gaps_are_of_every_size():
    """Else the recomputation of the shares would agree with a constant."""
    gaps = [naive_gap(values) for (controller, _, _), values in REINFORCE.items() if controller == "A0"]
    assert 0 < sum(gap > 0.5 for gap in gaps) < sum(gap > 0.2 for gap in gaps) < 40


def test_carryover_by_position(built):
    for row, rates in (("reinforce", REINFORCE), ("grpo", GRPO)):
        for number in range(1, 11):
            ends = [rates["A0", seed, number][-1] for seed in SEEDS]
            record = next(
                r for r in built[0] if (r.row.name, r.column.name, r.ours.unit) == (row, f"end_{number}", "seed")
            )
            assert record.ours.value == pytest.approx(sum(ends) / 4)
    frame = built[1].panels[2].frame
    assert list(frame["paper, W17"])[:5] == ["0.19", "0.13", "0.17", "0.18", "0.28"]


def test_the_papers_numbers_stand_beside_ours(built):
    frame = built[1].panels[0].frame.set_index("Metric")
    assert list(frame["paper, W4"])[:5] == ["47", "0.343", "0.166", "0.176", "36"]
    assert frame.loc["held out, mean gap", "paper, W4"] == "-"
    assert frame.loc["mean peak", "NULL control (W104)"] == "-"
    notes = " ".join(built[1].notes)
    for words in (
        "NULL control (W104): not run: no statistics of wave W104.",
        "too narrow or too wide",
        "n counts campaigns",
    ):
        assert words in notes


def test_a_chain_shorter_than_ten_has_no_end_at_later_positions():
    records, table = build_of(W4=draw_rates(5, ("A0",), (7,), 3))
    later = next(r for r in records if (r.row.name, r.column.name, r.row.wave) == ("reinforce", "end_4", "W4"))
    assert (later.status, later.ours.value) == ("undefined", None)
    assert list(table.panels[2].frame["REINFORCE (W4)"])[3:] == ["n/a"] * 7
    assert find(records, "peak", "grpo").status == "not run: no statistics of wave W17"


def test_the_papers_lists_average_to_its_means():
    """Section 5.9's lists by position agree with the table's mean ends, 47 or 50 campaigns either way."""
    rows = {row.name: row.cells for row in published("tab11").rows}
    for row in ("reinforce", "grpo"):
        ends = [rows[row][f"end_{number}"].value for number in range(1, 11)]
        peak, end, gap = (rows[row][name].value for name in ("peak", "end", "gap"))
        assert sum(ends) / 10 == pytest.approx(end, abs=0.01)
        assert peak - end == pytest.approx(gap, abs=0.0015)
