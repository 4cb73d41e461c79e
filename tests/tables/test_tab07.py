"""Table 7 against steps and ends counted from the pass rates that its traces were made of."""

import pytest

from tests.makers.synthetic_statistics import bootstrap_interval
from tests.tables.built_tables import bounds, build, find, published
from tests.tables.made_up_waves import draw_rates, summarise_rates

SEEDS = (7, 11, 17)
RATES = draw_rates(6, ("A0", "A3"), SEEDS, 4)


def chains(controller):
    """By seed: steps of the chain's campaigns, and its last step's pass rate in percent."""
    campaigns = {seed: [RATES[controller, seed, number] for number in range(1, 5)] for seed in SEEDS}
    return {seed: (sum(map(len, chain)), 100 * chain[-1][-1]) for seed, chain in campaigns.items()}


@pytest.fixture(scope="module")
def built():
    return build("tab07", {"W4": summarise_rates("W4", RATES)})


@pytest.mark.parametrize("controller", ["A0", "A3"])
def test_steps_ends_and_their_ratio_chain_by_chain(built, controller):
    steps, ends = zip(*chains(controller).values(), strict=True)
    ratios = [100 * end / count for count, end in zip(steps, ends, strict=True)]
    for quantity, values in (("total_steps", steps), ("end_pass_rate", ends), ("pass_rate_per_100_steps", ratios)):
        record = find(built[0], quantity, controller)
        assert record.ours.value == pytest.approx(sum(values) / 3)
        assert bounds(record) == pytest.approx(bootstrap_interval([*values]))


def test_relative_changes_are_of_means(built):
    naive, care = ([count for count, _ in chains(controller).values()] for controller in ("A0", "A3"))
    record = find(built[0], "relative_steps", "A3-A0")
    assert record.ours.value == pytest.approx(100 * (sum(care) / sum(naive) - 1))
    assert (record.paper.value, record.paper.source) == (-14.5, "section 5.7")


def test_a_naive_mean_of_zero_has_no_relative_change():
    rates = {key: [0.5, 0.0] for key in RATES}
    records, _ = build("tab07", {"W4": summarise_rates("W4", rates)})
    assert find(records, "relative_efficiency", "A3-A0").status == "undefined"
    assert find(records, "relative_steps", "A3-A0").ours.value == 0


def test_the_papers_ratio_is_a_mean_over_chains():
    """It is not the ratio of the printed means, which the file's comment says."""
    for row, ratio in zip(published("tab07").rows[:2], (7.15, 9.79), strict=True):
        end, steps = row.cells["end_pass_rate"].value, row.cells["total_steps"].value
        assert 100 * end / steps == pytest.approx(ratio, abs=0.005)
        assert row.cells["pass_rate_per_100_steps"].value != ratio
