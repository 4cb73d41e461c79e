"""Table 10: update rules beside each other, and numbers that the paper prints in part."""

import pytest

from tests.tables.built_tables import build, find, last_values, make_waves


def test_each_row_is_its_wave():
    waves = make_waves("tab10")
    records, _ = build("tab10", waves)
    for role, method, wave, controller in (
        ("7B", "REINFORCE, A0 naive", "W4", "A0"),
        ("7B", "GRPO, A3 CARE v2", "W17", "A3"),
        ("7B", "GRPO, ES", "W18", "ES"),
        ("3B", "REINFORCE, ES", "W12", "ES"),
        ("3B", "GRPO, A0 naive", "W17s", "A0"),
    ):
        record = find(records, "end_pass_rate", method, role)
        assert (record.row.wave, record.row.role) == (wave, role)
        assert record.ours.seeds == pytest.approx(last_values(waves[wave], controller))
        probe = find(records, "end_probe", method, role)
        assert probe.ours.seeds == pytest.approx(last_values(waves[wave], controller, "probe_end"))


def test_the_papers_numbers_in_part():
    _, table = build("tab10")
    paper = list(table.panels[0].frame["Paper"])
    assert paper[3:6] == ["20.7 [15.7, 25.1], n = 5", "20.4 [10.9, 28.6], n = 5", "17.0 [0.0, 28.1], n = 3"]
    assert paper[8:] == ["8.2, n = 5", "6.8, n = 5 [a]", "4.7, n = 4"]
    differences = table.panels[2]
    assert differences.title.startswith("Paired difference GRPO, A3-A0")
    assert list(differences.frame["Paper"])[:2] == ["[-9.4, +6.8], n = 5 [b]", "[-5.0, +0.5], n = 4 [c]"]


def test_waves_of_one_chain_share_a_note():
    waves = make_waves("tab10")
    waves["W17"]["chain"] = "7B-grpo-py-20"
    _, table = build("tab10", waves)
    assert any(note.startswith("W4, W8, W18: 4 campaigns of chain 7B-reinforce-py-20") for note in table.notes)
    assert any(note.startswith("W17: 4 campaigns of chain 7B-grpo-py-20") for note in table.notes)
