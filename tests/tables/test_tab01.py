"""Table 1 against the campaigns that it is made of."""

import pytest

from tests.makers.synthetic_statistics import make_statistics
from tests.tables.built_tables import build


def made(wave, seeds=(7,)):
    return make_statistics(wave, seeds=seeds, campaigns=3, controllers=("A0",))


@pytest.mark.parametrize("seeds", [(7,), (7, 11)])
def test_cells_are_the_trajectories_first_best_and_last_steps(seeds):
    statistics = made("W01", seeds)
    records, _ = build("tab01", {"W01": statistics})
    cells = {record.column.name: record for record in records if record.row.name == "none"}
    for number in (1, 2, 3):
        own = [trajectory for trajectory in statistics["trajectories"] if trajectory["campaign"] == number]
        for name, of in (("start", lambda r: r[0]), ("peak", max), ("end", lambda r: r[-1])):
            expected = sum(of(trajectory["pass_rates"]) for trajectory in own) / len(seeds)
            assert cells[f"{name}_{number}"].ours.value == pytest.approx(expected)
            assert (cells[f"{name}_{number}"].ours.n, cells[f"{name}_{number}"].ours.interval.low) == (len(seeds), None)
        last = sum(trajectory["probe"][-1][1] for trajectory in own) / len(seeds)
        assert cells[f"probe_last_{number}"].ours.value == pytest.approx(last)


def test_a_wave_that_is_not_declared_leaves_the_papers_numbers():
    records, table = build("tab01", {"W01": made("W01")})
    frame = table.panels[0].frame
    assert frame["Source"].iloc[2] == "not run: no statistics of wave W01ewc"
    assert list(frame.iloc[3])[2:] == ["0.25", "1.00", "0.07", "0.56", "1.00", "0.10", "0.75", "0.94", "0.08"]
    assert {r.status for r in records if r.row.wave == "W01ewc"} == {"not run: no statistics of wave W01ewc"}


def test_notes_say_seed_coefficients_and_probe():
    statistics = made("W01ewc")
    for row in statistics["campaigns"]:
        row["kl_coefficient"] = 0.05 * row["campaign"]
    note = "W01ewc: seed 7; KL coefficient 0.05, 0.1, 0.15 by campaign; probe at steps 0, 5, 10, 15, 20."
    assert note in build("tab01", {"W01ewc": statistics})[1].notes


def test_a_campaign_without_a_probe_has_no_held_out_cell():
    statistics = made("W01")
    for trajectory in statistics["trajectories"]:
        trajectory["probe"] = []
    records, table = build("tab01", {"W01": statistics})
    cell = next(r for r in records if r.column.name == "probe_last_1")
    assert cell.status == "no chain or campaign of wave W01 has this value"
    assert table.panels[1].frame["C1 last"].iloc[0] == "n/a"
