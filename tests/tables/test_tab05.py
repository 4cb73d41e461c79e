"""Table 5: two domains, four waves, and the agent's chains of their own."""

import statistics

import pytest

from tests.tables.built_tables import build, find, last_values, make_waves


def test_each_domain_has_its_own_waves():
    waves = make_waves("tab05")
    waves["W2cpp"]["chain"] = "7B-reinforce-cpp-20"
    records, table = build("tab05", waves)
    for domain, wave, agent in (("py", "W2", "W2b3"), ("cpp", "W2cpp", "W2cppb3")):
        naive = find(records, "end_pass_rate", f"{domain}, B0 naive")
        assert (naive.row.wave, naive.chain) == (wave, f"7B-reinforce-{domain}-20")
        values = last_values(waves[wave], "B0").values()
        assert (naive.ours.value, naive.ours.sd) == pytest.approx((sum(values) / 3, statistics.stdev(values)))
        assert find(records, "end_pass_rate", f"{domain}, B3 LLM-agent HPO").row.wave == agent
        difference = find(records, "end_probe", f"{domain}, B4-B0")
        assert (difference.row.wave, difference.is_printed) == (wave, False)
    paper = table.panels[0].frame.set_index("Method")["Paper"]
    assert paper["py, B1 best checkpoint"] == "0.4 ± 0.0, n = 3 [a]"
    assert paper["cpp, B2 random HPO"] == "22.0 ± 2.5, n = 3"
    assert any(note.startswith("[a] 7B py, B1 best checkpoint: ") for note in table.notes)


def test_an_agent_that_was_not_asked_is_not_run():
    waves = make_waves("tab05")
    del waves["W2b3"]
    records, _ = build("tab05", waves)
    assert find(records, "end_pass_rate", "py, B3 LLM-agent HPO").status == "not run: no statistics of wave W2b3"
    assert find(records, "end_pass_rate", "cpp, B3 LLM-agent HPO").status == "measured"
