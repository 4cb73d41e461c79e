"""Table 2: the rule for outcomes, and cells against the trajectories that they are of."""

import pytest

from tests.makers.synthetic_statistics import make_statistics
from tests.tables import built_tables
from tests.tables.built_tables import published
from workflow_scripts.tables import tab02

OUTCOMES = {  # the paper's words, and the rule's
    "Maintains & improves": "maintains and improves",
    "Partial recovery": "partial recovery",
    "Cannot recover": "cannot recover",
}


def made(wave):
    return make_statistics(wave, seeds=(7,), campaigns=1, controllers=("A0",))


def build(*waves):
    return built_tables.build("tab02", {wave: made(wave) for wave in waves})


def test_the_rule_gives_the_papers_words_on_the_papers_numbers():
    *rows, diagnostic = [row.cells for row in published("tab02").rows]
    for row in rows:
        outcome = tab02.outcome_of(row["start"].value, row["end"].value, diagnostic["peak"].value, 0.3)
        assert outcome == OUTCOMES[row["outcome"].text]


@pytest.mark.parametrize(
    ("start", "end", "outcome"),
    [
        (0.5, 0.149, "cannot recover"),
        (0.5, 0.15, "declines"),  # 0.3 x 0.5 exactly is not below it
        (0.5, 0.499, "declines"),
        (0.5, 0.5, "partial recovery"),
        (0.5, 0.8, "maintains and improves"),
        (0.0, 0.0, "cannot recover"),
    ],
)
def test_outcomes_at_their_edges(start, end, outcome):
    assert tab02.outcome_of(start, end, 0.8, 0.3) == outcome


def test_cells_follow_from_the_trajectory():
    trajectory = made("W02at50")["trajectories"][0]
    rates = trajectory["pass_rates"]
    records, table = build("W0", "W02at50")
    cells = {record.column.name: record for record in records if record.row.name == "step50"}
    assert cells["start"].ours.value == pytest.approx(rates[0])
    assert cells["end"].ours.value == pytest.approx(rates[-1])
    assert cells["average"].ours.value == pytest.approx(sum(rates) / len(rates))
    assert cells["probe_last"].ours.value == pytest.approx(trajectory["probe"][-1][1])
    assert cells["outcome"].ours.text == tab02.outcome_of(rates[0], rates[-1], max(rates), 0.3)
    assert any(note.startswith(f"W0, seed 7: peak {max(rates):.2f} at step ") for note in table.notes)
    frame = table.panels[0].frame
    assert frame["Source"].iloc[2] == "not run: no statistics of wave W02at100"
    assert list(frame["Outcome"])[1::2] == list(OUTCOMES)


def test_without_the_diagnostic_run_there_is_no_outcome():
    records, table = build("W02at50")
    outcome = next(r for r in records if (r.row.name, r.column.name) == ("step50", "outcome"))
    assert (outcome.status, outcome.ours.text) == ("undefined", None)
    assert "Without wave W0 there is no peak to compare with, and no outcome." in table.notes
    assert table.panels[1].frame["Source"].iloc[0] == "not run: no statistics of wave W0"
