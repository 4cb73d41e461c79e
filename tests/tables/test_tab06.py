"""Table 6 against numbers recomputed the slow way from synthetic statistics."""

import copy
import csv

import pandas as pd
import pytest

from tests.makers.synthetic_statistics import SEEDS, bootstrap_interval, make_statistics, sign_flip
from tests.tables.built_tables import assert_sound_latex, bounds, find, last_values, published, write_files
from tests.tables.built_tables import build as build_table
from workflow_scripts.tables.frame.rendering import Panel, Table, to_latex, to_markdown


@pytest.fixture(scope="module")
def waves():
    return {"W7": make_statistics("W7", "3B"), "W4": make_statistics("W4", "7B")}


def build(waves):
    return build_table("tab06", waves)


@pytest.mark.parametrize(("quantity", "metric"), [("end_pass_rate", "end"), ("end_probe", "probe_end")])
@pytest.mark.parametrize("controller", ["A0", "A3"])
def test_estimates_follow_from_the_campaigns(waves, controller, quantity, metric):
    values = last_values(waves["W4"], controller, metric)
    record = find(build(waves)[0], quantity, {"A0": "A0 naive", "A3": "A3 CARE v2"}[controller])
    assert record.ours.seeds == pytest.approx(values)
    assert record.ours.value == pytest.approx(sum(values.values()) / 5)
    assert bounds(record) == pytest.approx(bootstrap_interval([*values.values()]))
    student_t, bootstrap = record.ours.student_t, record.ours.interval
    assert student_t.low < bootstrap.low < bootstrap.high < student_t.high
    assert (record.ours.n, record.ours.unit, record.stand_in) == (5, "seed", "tiny-qwen2-404k as 7B")


def test_paired_difference_is_taken_within_the_seed(waves):
    naive, care = last_values(waves["W7"], "A0"), last_values(waves["W7"], "A3")
    differences = {seed: care[seed] - naive[seed] for seed in SEEDS}
    record = find(build(waves)[0], "end_pass_rate", "A3-A0", "3B")
    assert record.ours.seeds == pytest.approx(differences)
    assert record.ours.value == pytest.approx(sum(differences.values()) / 5)
    test = sign_flip(list(differences.values()))
    assert (record.ours.sign_flip.p, record.ours.sign_flip.floor) == (test["p_value"], 0.0625)


def test_published_numbers_stand_beside_ours(waves):
    records, table = build(waves)
    estimates, _, differences, seeds = (panel.frame for panel in table.panels)
    assert list(estimates["Paper"]) == [
        "4.9 [2.1, 9.5], n = 5",
        "9.5 [6.3, 12.7], n = 5",
        "11.8 [5.2, 18.3], n = 5",
        "13.8 [2.8, 27.3], n = 5",
        "25.9 [25.9, 25.9], n = 1",
        *["not reported"] * 4,  # the controls
    ]
    assert list(differences["Paper"]) == ["+4.6 [+0.4, +8.9], n = 5", "+2.0, n = 5 [a]", *["not reported"] * 2]
    assert any(note.startswith("[a] 7B difference:") for note in table.notes)
    paper = seeds[seeds["Model"] == "paper, 7B (Table 15, main)"].set_index("Value")
    assert list(paper.loc["A3 CARE v2, training"])[1:] == ["2.5", "4.4", "37.2", "2.3", *["-"] * 3]
    assert not find(records, "end_probe", "A0 naive").is_printed


def test_published_means_agree_with_their_seeds():
    """The paper's own numbers: the 3B differences average to the printed mean, and bootstrap to its interval."""
    cells = {(row.role, row.name): row.cells["end_pass_rate"] for row in published("tab06").rows if row.cells}
    three = cells["3B", "A3-A0"]
    values = list(three.seeds.values())
    assert sum(values) / 5 == pytest.approx(three.value, abs=0.05)
    assert bootstrap_interval(values) == pytest.approx((three.interval.low, three.interval.high), abs=0.15)
    assert three.value == pytest.approx(cells["3B", "A3"].value - cells["3B", "A0"].value)


def test_a_wave_that_is_not_declared_is_said_in_its_cell(waves):
    records, table = build({"W4": waves["W4"]})
    cells = table.panels[0].frame["Mean [bootstrap]"]
    assert list(cells[:2]) == ["not run: no statistics of wave W7"] * 2
    assert cells.iloc[4] == "not run: no statistics of wave W6"
    assert find(records, "end_pass_rate", "B1 oracle (ref.)").paper.value == 25.9
    assert table.panels[0].frame["Model"].iloc[4] == "tiny-qwen2-404k as 7B"


def test_the_reference_row_is_the_wave_of_b1(waves):
    reference = make_statistics("W6", "7B", controllers=("B1",))
    records, table = build(waves | {"W6": reference})
    found = find(records, "end_pass_rate", "B1 oracle (ref.)")
    assert found.ours.seeds == pytest.approx(last_values(reference, "B1"))
    assert table.panels[0].frame["n"].iloc[4] == "5 seeds"
    assert any(note.startswith("W4, W6: 10 campaigns of chain 7B-reinforce-py-20") for note in table.notes)


def test_a_controller_without_statistics_and_one_without_chains(waves):
    statistics = copy.deepcopy(waves["W4"])
    del statistics["controllers"]["A3"]
    empty = statistics["controllers"]["A0"]["end_pass_rate"]
    nothing = [interval | {"low": None, "high": None} for interval in empty["intervals"]]
    empty.update(values=[], mean=None, n=0, intervals=nothing)
    cells = build({"W4": statistics})[1].panels[0].frame["Mean [bootstrap]"]
    assert list(cells[2:4]) == ["no chain of wave W4 counts", "not run: A3 is not in wave W4"]


def test_notes_state_methods_models_and_exclusions(waves):
    notes = " ".join(build(waves)[1].notes)
    for words in ("exact bootstrap over seeds (95 %)", "resampling unit is the seed", "sign-flip", "354,816 parameters",
                  "10 campaigns of chain 7B-reinforce-py-20", "A3 seed 99 campaign 4: loss was NaN_at 50% of its steps",
                  "context, not a target"):  # fmt: skip
        assert words in notes


def test_holms_p_is_over_the_four_tests_of_the_table(waves):
    records, table = build(waves)
    tests = [record.ours.sign_flip for record in records if record.row.contrast]
    ordered = sorted(tests, key=lambda test: test.p)
    assert ordered[0].holm == min(1, 4 * ordered[0].p)
    assert [test.holm for test in ordered] == sorted(test.holm for test in tests)
    cells = next(panel.frame for panel in table.panels if panel.title.startswith("Paired"))["Holm"]
    assert list(cells) == [f"{test.holm:.4f}" for test in tests]
    assert "Holm: p adjusted by Holm's method over the 4 sign-flip tests of this table." in table.notes


def test_interquartile_means_and_shares_above_0_stand_beside_the_seeds(waves):
    records, table = build(waves)
    seeds = table.panels[-1].frame
    ours = seeds[seeds["Model"] == "tiny-qwen2-404k as 7B"].set_index("Value")
    values = sorted(last_values(waves["W4"], "A0").values())
    iqm = find(records, "end_pass_rate", "A0 naive").ours.iqm
    assert iqm == pytest.approx(sum(values[1:4]) / 3)
    assert ours.loc["A0 naive, training", "IQM"] == f"{iqm:.1f}"
    paired = waves["W4"]["paired"]["A3-A0"]["end_probe"]
    better = sum(entry["value"] > 0 for entry in paired["differences"]) / 5
    assert ours.loc["A3-A0, held-out", "Above 0"] == f"{better:.2f}"
    assert ours.loc["A3-A0, held-out", "IQM"] == "-"


def test_the_coverage_of_its_intervals_stands_under_the_table(waves):
    (note,) = [note for note in build(waves)[1].notes if note.startswith("Coverage")]
    assert note.endswith("n = 5: bootstrap 0.70 to 0.81, Student t 0.91 to 0.96, BCa 0.72 to 0.82.")
    assert (
        "lowest to highest of the populations normal, skewed; 1,000 samples each, standard error at most 0.013" in note
    )


def test_drawn_sign_flips_are_named_in_the_notes(waves):
    drawn = "two-sided sign-flip test by 10000 draws"
    for contrast in (wave["paired"]["A3-A0"] for wave in waves.values()):
        contrast["end_probe"]["sign_flip"]["method"] = drawn
    notes = build(waves)[1].notes
    words = f"p: exact two-sided sign-flip test or {drawn} of the paired differences; floor"
    assert any(note.startswith(words) for note in notes)


def test_one_seed_has_no_interval():
    table = build({"W4": make_statistics(seeds=(7,), campaigns=2)})[1]
    row = table.panels[0].frame.iloc[2]
    assert row["Mean [bootstrap]"].endswith(" n/a")
    assert (row["Student t"], row["n"]) == ("n/a", "1 seed")
    assert "Interval of W4 A0 naive: one seed has no spread." in table.notes


def test_latex_is_balanced_and_escaped(waves):
    tex = to_latex(build(waves)[1])
    assert_sound_latex(tex)
    assert tex.count(r"\begin{tabular}") == 4
    assert r"NaN\_at 50\% of its steps" in tex


def test_markdown_columns_are_aligned_and_fit_a_terminal(waves):
    text = to_markdown(build(waves)[1])
    for block in text.split("\n\n"):
        widths = {len(line) for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1
        assert not widths or max(widths) <= 150
    whole = Panel("whole", pd.DataFrame({"value": ["10.0", "a|b"]}), "l")
    assert "| 10.0 " in to_markdown(Table(1, "caption", [whole], []))
    assert r"a\|b" in to_markdown(Table(1, "caption", [whole], []))


def test_the_csv_has_ours_beside_the_papers(waves, tmp_path, monkeypatch):
    rows = list(csv.DictReader(write_files("tab06", tmp_path, monkeypatch, waves)["csv"].splitlines()))
    assert len(rows) == 2 * 9 + 2 * 2
    row = next(r for r in rows if r["method"] == "A3-A0" and r["role"] == "3B" and r["quantity"] == "end_pass_rate")
    assert (row["n"], row["published_mean"], row["published_low"], row["published_n"]) == ("5", "4.6", "0.4", "5")
    assert row["published_seeds"] == "7:1.7;11:1.7;17:11.1;23:-1.6;42:10.2"
    assert float(row["mean"]) == pytest.approx(100 * waves["W7"]["paired"]["A3-A0"]["end_pass_rate"]["mean"])
