"""Tables 4 and 17: means, standard deviations and both readings of the collapse rate."""

import statistics

import pytest

from tests.tables.built_tables import build, find, last_values, make_waves


@pytest.fixture(scope="module")
def waves():
    return make_waves("tab04")


def test_standard_deviation_is_that_of_the_seeds(waves):
    values = last_values(waves["W1v2"], "A2")
    record = find(build("tab04", waves)[0], "end_pass_rate", "A2 + gate")
    assert record.ours.seeds == pytest.approx(values)
    assert record.ours.sd == pytest.approx(statistics.stdev(values.values()))


def test_collapse_rate_counts_chains(waves):
    rows = [row for row in waves["W1v2"]["campaigns"] if row["controller"] == "A1"]
    collapsed = {row["seed"] for row in rows if row["collapsed"]}
    record = find(build("tab04", waves)[0], "any_collapse", "A1 memory only")
    assert record.ours.value == pytest.approx(100 * len(collapsed) / 5)
    assert {seed for seed, value in record.ours.seeds.items() if value == 100} == collapsed


def test_the_other_reading_is_in_the_notes(waves):
    _, table = build("tab04", waves)
    counts = []
    for controller in ("A0", "A1", "A2", "A3"):
        last = [
            row["collapsed"]
            for row in waves["W1v2"]["campaigns"]
            if row["controller"] == controller and row["campaign"] == 3
        ]
        counts.append(f"{controller} {last.count(True)} of 5")
    assert f"Chains of W1v2 that collapsed in their last campaign: {', '.join(counts)}." in table.notes


def test_the_papers_rates_are_printed_with_their_spread(waves):
    _, table = build("tab04", waves)
    rates = table.panels[2]
    assert rates.title == "Chains with a collapse (%)"
    assert list(rates.frame["Paper"]) == [
        "0.0 ± 0.0, n = 5",
        "20.0 ± 44.7, n = 5",
        "40.0 ± 54.8, n = 5",
        "0.0 ± 0.0, n = 5",
    ]
    assert set(table.panels[3].frame["Paper"]) == {"not reported"}
    assert list(table.panels[3].frame["Quantity"][:3]) == ["training"] * 3


def test_the_papers_spreads_are_those_of_one_yes_or_no_per_chain():
    """0, 1 and 2 of 5 chains, and 1 of 3 in Table 17: the sample standard deviations that the paper prints."""
    for collapsed, chains, sd in ((1, 5, 44.7), (2, 5, 54.8), (1, 3, 57.7)):
        assert statistics.stdev([100] * collapsed + [0] * (chains - collapsed)) == pytest.approx(sd, abs=0.05)


def test_care_v1_is_the_same_table_of_another_wave():
    waves = make_waves("tab17")
    records, table = build("tab17", waves)
    naive, care = last_values(waves["W1"], "A0"), last_values(waves["W1"], "A3v1")
    assert find(records, "end_pass_rate", "A3 + revision (CARE v1)").ours.seeds == pytest.approx(care)
    difference = find(records, "end_pass_rate", "A3v1-A0")
    assert difference.ours.seeds == pytest.approx({seed: care[seed] - naive[seed] for seed in naive})
    assert set(table.panels[0].frame["Paper"]) == {"20.6 ± 13.1, n = 3"}
    assert any("Its four rows are equal" in note for note in table.notes)
    assert any(note.startswith("Paper: Table 17, appendix A, ") for note in table.notes)
