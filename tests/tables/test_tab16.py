"""Table 16 against scores, onsets and latencies found the slow way, from the pass rates behind its traces."""

import pytest

from tests.makers.synthetic_statistics import cluster_interval
from tests.tables.built_tables import bounds, build
from tests.tables.made_up_waves import draw_rates, summarise_rates

SEEDS = (7, 11, 17)
MAIN = draw_rates(7, ("A0", "A3"), SEEDS, 6)
CONTROL = draw_rates(8, ("A0", "NULL"), SEEDS, 6)


def failure(values):
    """Score, onset and latency of a campaign, each None where undefined."""
    best = values.index(max(values))
    after = values[best:]
    gap = after[0] - after[-1]
    drops = [after[i] - after[i + 1] for i in range(len(after) - 1)]
    low = [step for step, rate in enumerate(values, start=1) if step > best + 1 and rate < 0.3 * values[best]]
    onset = low[0] if low else None
    return {
        "phase_transition": max(drops) / gap if gap else None,
        "onset": onset,
        "latency": None if onset is None else len(values) - onset,
    }


@pytest.fixture(scope="module")
def built():
    waves = {"W4": summarise_rates("W4", MAIN), "W104": summarise_rates("W104", CONTROL)}
    return build("tab16", waves)


@pytest.mark.parametrize(("controller", "rates"), [("A0", MAIN), ("A3", MAIN), ("NULL", CONTROL)])
@pytest.mark.parametrize("quantity", ["phase_transition", "onset", "latency"])
def test_means_over_the_campaigns_where_it_is_defined(built, controller, rates, quantity):
    by_seed = [
        [value for n in range(1, 7) if (value := failure(rates[controller, seed, n])[quantity]) is not None]
        for seed in SEEDS
    ]
    values = [value for of_seed in by_seed for value in of_seed]
    record = next(r for r in built[0] if (r.row.name, r.column.name) == (controller, quantity))
    assert 0 < record.ours.n == len(values) < 18
    assert record.ours.value == pytest.approx(sum(values) / len(values))
    assert bounds(record) == pytest.approx(cluster_interval(by_seed))
    assert record.ours.by_campaign.method.endswith("bootstrap over campaigns")


def test_ours_the_campaigns_as_unit_and_the_paper_stand_below_each_other(built):
    frame = built[1].panels[0].frame
    assert [source.partition(",")[0] for source in frame["Source"]] == [
        "W4", "campaigns as the unit", "paper", "W4", "campaigns as the unit", "paper", "W104", "campaigns as the unit",
    ]  # fmt: skip
    assert list(frame["Onset (step)"])[2::3] == ["16.7 [16.6, 16.9] (n=47)", "13.7 [12.6, 14.9] (n=47)"]
    assert ", 3 seeds)" in frame["Onset (step)"].iloc[0]


def test_no_campaign_with_an_onset_leaves_a_cell_without_a_number():
    rates = {key: [0.5, 0.5, 0.4] for key in MAIN}
    records, table = build("tab16", {"W4": summarise_rates("W4", rates)})
    onset = next(r for r in records if (r.row.name, r.column.name) == ("A0", "onset"))
    assert (onset.status, onset.ours.value) == ("no chain or campaign of wave W4 has this value", None)
    assert table.panels[0].frame["Onset (step)"].iloc[0] == "n/a"
