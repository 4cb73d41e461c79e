"""Every number of tables 6, 7, 8, 11 and 16, and of figure 3, once more from the raw traces.

``check_project(folder)`` does it for any finished project folder; recomputed.py is the second implementation.
"""

import re
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from tests.workflow import recomputed
from tests.workflow.drawn import check_onsets, check_peaks_and_ends, check_trajectories
from tests.workflow.printed import CONTRAST, CsvRow, by_seed, cells_of, check_cell, numbers, read_panels, read_rows
from tests.workflow.recomputed import Chains, Definitions, Estimate, known
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.fig3 import build_figure
from workflow_scripts.figures.style import paper_style, save_figure

ROWS = {"tab06": 22, "tab07": 11, "tab08": 8, "tab11": 80, "tab16": 9}
OF_CHAINS = (
    "end_pass_rate", "end_probe", "total_steps", "pass_rate_per_100_steps", "collapses", "any_collapse"
)  # fmt: skip
RELATIVE = {"relative_steps": "total_steps", "relative_efficiency": "pass_rate_per_100_steps"}
COUNTS = ("steps", "campaigns", "fraction", "score")  # units of numbers that are not in percent


class Waves:
    """The chains of a project's waves, as its config.yaml declares them."""

    def __init__(self, folder: Path) -> None:
        self.config = yaml.safe_load((folder / "config.yaml").read_text())
        self.results = folder / "results" / self.config["testbed"]
        stated = self.config["statistics"]
        self.definitions = Definitions(
            recomputed.exact(stated["confidence"]), recomputed.exact(stated["collapse_ratio"])
        )

    def chain_name(self, wave: str) -> str:
        declared = self.config["waves"][wave]
        assert declared["kl_schedule"] == "none"  # a schedule or a start would be part of the name
        assert "start" not in declared
        return "-".join(str(declared[key]) for key in ("model", "update_rule", "domain", "steps"))

    def chains(self, wave: str, controller: str) -> Chains | None:
        """None where config.yaml declares none."""
        declared = self.config["waves"].get(wave, {"controllers": []})
        if controller not in declared["controllers"]:
            return None
        seeds = declared.get("seeds", self.config["seeds"])
        folder = self.results / "chains" / self.chain_name(wave)
        return recomputed.read_chains(folder, controller, seeds, declared["campaigns"])


def check_project(folder: Path) -> None:
    """All five tables and figure 3 of a finished project's folder; an ``AssertionError`` names what differs."""
    for table in ROWS:
        check_table(folder, table)
    check_figure(folder)


def check_table(folder: Path, table: str) -> None:
    """The csv against the traces, and the Markdown, cell by cell, against the csv."""
    waves, rows = Waves(folder), read_rows(folder / f"paper/tables/{table}.csv")
    assert len(rows) == ROWS[table]
    for row in rows.values():
        check_row(waves, row)
    path = folder / f"paper/tables/{table}.md"
    stated = set()
    for title, lines in read_panels(path).items():
        for key, text, expected in cells_of(table, title, lines, rows):
            check_cell(key, text, expected)
            stated.add(key)
    assert {key for key, row in rows.items() if row["status"] == "measured"} <= stated <= set(rows)
    tests = [test for row in rows.values() if (test := numbers(row, "sign_flip_p", "sign_flip_holm"))]
    assert [adjusted for _, adjusted in tests] == pytest.approx(recomputed.holm([p for p, _ in tests]))
    if table in ("tab07", "tab08"):
        for row in rows.values():
            if test := numbers(row, "sign_flip_p", "sign_flip_floor", "sign_flip_holm"):
                told = f"{row['quantity']} {test[0]:.4f} ({test[1]:.4f}), Holm {test[2]:.4f}"
                assert told in path.read_text()


def check_row(waves: Waves, row: CsvRow) -> None:
    """What a row of a csv states of ours."""
    where = " ".join((row["wave"], row.get("row") or row["method"], row["quantity"]))
    estimate = expected_estimate(waves, row)
    if estimate is None:
        assert row["status"].startswith("not run"), where
        assert numbers(row, "value", "low", "high", "n", "campaign_low", "campaign_high") == [], where
        return
    assert (row["status"] == "measured") == (estimate.value is not None), where
    assert row["chain"] == waves.chain_name(row["wave"]), where
    scale = 1 if row.get("unit") in COUNTS else 100
    value = [] if estimate.value is None else [float(estimate.value)]
    compare(numbers(row, "value"), value, scale, where)
    compare(numbers(row, "low", "high"), known(estimate.bootstrap), scale, where)
    compare(numbers(row, "campaign_low", "campaign_high"), known(estimate.by_campaign), scale, where, estimate.slack)
    compare(numbers(row, "sign_flip_p", "sign_flip_floor"), known(estimate.sign_flip), 1, where)
    if "student_t_low" in row:
        compare(numbers(row, "student_t_low", "student_t_high"), known(estimate.student), scale, where)
    assert sum(numbers(row, "n")) == estimate.n, where
    assert numbers(row, "n_seeds") in ([], [estimate.seeds]), where
    values = {seed: scale * float(value) for seed, value in estimate.values.items()}
    assert by_seed(row) == pytest.approx(values, rel=1e-9, abs=1e-9), where


def expected_estimate(waves: Waves, row: CsvRow) -> Estimate | None:
    """The row's numbers from the traces; None where config.yaml declares no such chains."""
    wave, quantity, definitions = row["wave"], row["quantity"], waves.definitions
    if CONTRAST in (row.get("row"), row.get("method")):
        naive, care = waves.chains(wave, "A0"), waves.chains(wave, "A3")
        if naive is None or care is None:
            return None
        if quantity in RELATIVE:
            return recomputed.relative_estimate(naive, care, RELATIVE[quantity], definitions)
        return recomputed.paired_estimate(naive, care, quantity, definitions)
    chains = waves.chains(wave, row.get("controller") or row["method"].split()[0])
    if chains is None:
        return None
    if quantity in OF_CHAINS:
        return recomputed.chain_estimate(chains, quantity, definitions)
    if quantity == "n":
        count = sum(len(chain) for chain in chains.values())
        return Estimate(value=Fraction(count), n=count, seeds=len(chains))
    if position := re.fullmatch(r"end_(\d+)", quantity):
        ends = [chain[int(position[1]) - 1].end for chain in chains.values() if len(chain) >= int(position[1])]
        return Estimate(value=recomputed.average(ends), n=len(ends), seeds=len(ends))
    return recomputed.campaign_estimate(chains, quantity, definitions)


def compare(found: list[float], expected: list[float], scale: float, where: str, slack: float = 0.0) -> None:
    """Equal but for the ten digits of a csv, and for ``slack`` where both sides are drawn at random."""
    scaled = [scale * value for value in expected]
    assert found == pytest.approx(scaled, rel=1e-9, abs=1e-9 + scale * slack), where


def check_figure(folder: Path) -> None:
    """What figure 3 draws of W4 against the traces; the files in figures/ are that drawing."""
    waves = Waves(folder)
    with paper_style(), tempfile.TemporaryDirectory() as drawn:
        figure = build_figure(read_json(waves.results / "statistics/W4.json", "statistics"))
        save_figure(figure, Path(drawn) / "fig3.pdf", Path(drawn) / "fig3.png")
        for name in ("fig3.pdf", "fig3.png"):
            assert (folder / "figures" / name).read_bytes() == (Path(drawn) / name).read_bytes(), name
    for controller in ("A0", "A3"):
        chains = waves.chains("W4", controller)
        assert chains
        check_trajectories(figure.axes[0], controller, chains, waves.definitions)
        check_peaks_and_ends(figure.axes[1], controller, chains)
        check_onsets(figure.axes[2], controller, chains, waves.definitions)


@pytest.mark.parametrize("table", ROWS)
def test_a_table_says_what_the_traces_say(finished: Path, table: str) -> None:
    check_table(finished, table)


def test_figure_3_draws_what_the_traces_say(finished: Path) -> None:
    check_figure(finished)
