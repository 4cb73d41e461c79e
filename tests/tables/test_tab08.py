"""Table 8 against collapses counted the slow way, from the pass rates that its traces were made of."""

import pytest

from tests.makers.synthetic_statistics import SEEDS, bootstrap_interval, sign_flip
from tests.tables.built_tables import bounds, build, find, published
from tests.tables.made_up_waves import draw_rates, summarise_rates

MAIN = draw_rates(1, ("A0", "A3"), SEEDS, 4)
CONTROL = draw_rates(2, ("A0", "NULL", "SHORT"), SEEDS, 4)


@pytest.fixture(scope="module")
def built():
    waves = {"W4": summarise_rates("W4", MAIN), "W104": summarise_rates("W104", CONTROL)}
    return build("tab08", waves)


def collapses(rates, controller):
    """By seed: campaigns of the chain that end below 30 % of their best step."""
    counts = dict.fromkeys(SEEDS, 0)
    for (owner, seed, _), values in rates.items():
        if owner == controller and max(values) > 0 and values[-1] / max(values) < 0.3:
            counts[seed] += 1
    return counts


@pytest.mark.parametrize(("controller", "rates"), [("A0", MAIN), ("A3", MAIN), ("NULL", CONTROL)])
def test_collapses_per_chain(built, controller, rates):
    counts = collapses(rates, controller)
    record = find(built[0], "collapses", controller)
    assert record.ours.value == pytest.approx(sum(counts.values()) / 5)
    assert record.ours.seeds == counts
    assert bounds(record) == pytest.approx(bootstrap_interval([*counts.values()]))
    assert (record.ours.n, record.ours.unit, record.ours.interval.method) == (5, "seed", "exact bootstrap over seeds")
    share = find(built[0], "any_collapse", controller)
    assert share.ours.value == pytest.approx(100 * sum(count > 0 for count in counts.values()) / 5)


def test_some_chain_collapses_and_some_campaign_does_not():
    """Else the recomputation above would agree with a constant."""
    assert 0 < sum(collapses(MAIN, "A0").values()) < 20


def test_difference_is_taken_within_the_seed(built):
    naive, care = collapses(MAIN, "A0"), collapses(MAIN, "A3")
    differences = [care[seed] - naive[seed] for seed in SEEDS]
    record = find(built[0], "collapses", "A3-A0")
    assert record.ours.value == pytest.approx(sum(differences) / 5)
    assert bounds(record) == pytest.approx(bootstrap_interval(differences))
    assert record.ours.sign_flip.p == pytest.approx(sign_flip(differences)["p_value"])
    assert record.paper.value is None


def test_the_papers_numbers_stand_below_ours(built):
    frame = built[1].panels[0].frame
    assert list(frame["Method"]) == ["A0 naive", "", "A3 CARE v2", "", "NULL control"]
    assert list(frame[frame["Source"] == "paper"]["Collapses per chain"]) == [
        "2.60 [1.60, 3.40] (n=5)",
        "2.40 [1.60, 3.00] (n=5)",
    ]
    assert frame["Source"].iloc[0] == "W4, tiny-7B as 7B"
    notes = " ".join(built[1].notes)
    for words in ("exact bootstrap over seeds (95 %)", "n counts seeds", "No chain was left out", "sign-flip"):
        assert words in notes


def test_the_papers_intervals_are_attainable():
    """Means of five counts are multiples of 0.2, and so are the atoms of their bootstrap."""
    for row in published("tab08").rows[:2]:
        printed = row.cells["collapses"]
        for number in (printed.value, printed.interval.low, printed.interval.high):
            assert (number * 5) % 1 == pytest.approx(0, abs=1e-9)
