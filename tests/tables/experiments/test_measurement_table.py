"""Table measurement: a row for each controller in each panel, and a csv of every value."""

from pathlib import Path

import pandas as pd
import pytest

from tests.makers.measurement import CAMPAIGNS, CONTROLLERS, SEEDS, STILL, make_chains, make_measurements
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.contracts.measurements import Measurement
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.measurement import Chosen, identity, summarise
from workflow_scripts.tables.experiments.measurement_table import build


@pytest.fixture(scope="module")
def measurement() -> Measurement:
    chains = [one for one in make_chains() if identity(one) != ("A3", 2, 3)]
    chosen = Chosen("W4", CONTROLLERS, STILL, SEEDS, CAMPAIGNS)
    return {**summarise(chosen, chains, make_measurements(), Bootstrap(0.95, 1000, 200)), "inputs": {}}


def test_panels_say_what_was_measured(measurement: Measurement) -> None:
    _, table = build(measurement)
    verdicts, by_verdicts, peaks, by_campaign, trends, gaps = (panel.frame for panel in table.panels)
    assert verdicts.to_dict("list") == {
        "Stored": ["failed", "failed"],
        "Again": ["failed", "passed"],
        "Rollouts": ["9", "1"],
        "Programs": ["5", "1"],
    }
    assert list(by_verdicts["n"]) == ["3", "2"]
    # 9, 10 and 11 of 16, and 4 of 16, over three seeds; 10 and 12 over those of A3 that are whole.
    assert list(peaks["Again: peak"]) == ["43.8", "50.0"]
    assert peaks["gap "][0].startswith("+6.2 [+6.2, +6.2]")
    assert list(by_campaign["Campaign"]) == ["2", "3"]
    assert list(by_campaign.columns[1:3]) == ["A0: reward", "A0: ease"]
    assert list(trends["Controller"]) == [*CONTROLLERS, STILL]
    assert list(gaps["Of"]) == ["steps"] * 3 + ["5-step means"] * 3 + ["probe"] * 3
    assert list(gaps["NULL (%)"])[2::3] == ["-"] * 3
    assert any("Left out: A3, seed 2, campaign 3: no trace" in note for note in table.notes)


def test_equal_input_gives_equal_bytes(tmp_path: Path, measurement: Measurement) -> None:
    path = tmp_path / "measurement.json"
    write_json(path, measurement, "measurement")
    names = {"output_csv": "m.csv", "output_md": "m.md", "output_tex": "m.tex"}
    module = "workflow_scripts.tables.experiments.measurement_table"
    assert_equal_bytes(module, tmp_path, f"--measurement={path}", **names)
    # NULL is a controller here.
    rows = pd.read_csv(tmp_path / "1/m.csv", keep_default_na=False, na_values=[""])
    rows = rows.set_index(["part", "controller", "measure"])
    gap = measurement["gaps"]["steps"]["A3"]
    assert rows.loc[("gaps of steps", "A3", "observed"), "mean"] == pytest.approx(gap["observed"]["mean"])
    share = rows.loc[("gaps of steps", "A3", "share_of_still")]
    assert share["mean"] == pytest.approx(gap["share_of_still"]["value"])
    assert share["exact bootstrap over seeds: low"] == pytest.approx(gap["share_of_still"]["intervals"][1]["low"])
    assert rows.loc[("trend of ease", STILL, "trend"), "n"] == 3
    assert ("gaps of steps", STILL, "share_of_still") not in rows.index
