"""Table carried: each controller's row, each contrast with its tests, and a csv of every value."""

from pathlib import Path

import pandas as pd
import pytest

from tests.makers.carried import CAMPAIGNS, CONTROLLERS, SEEDS, make_chains
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.contracts.experiments import Carried
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.experiments.carried_checkpoints import summarise
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.tables.experiments.carried_table import build


@pytest.fixture(scope="module")
def carried() -> Carried:
    chains = [one for one in make_chains() if (one["identity"]["controller"], one["identity"]["seed"]) != ("B1", 2)]
    found = summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, chains, [("NULL", "B1")], Bootstrap(0.95, 1000, 200))
    return {**found, "inputs": {}}


def test_rows_say_what_is_delivered_and_by_how_much(carried: Carried) -> None:
    _, table = build(carried)
    delivered, contrasts = (panel.frame for panel in table.panels)
    assert list(delivered["Controller"]) == list(CONTROLLERS)
    assert delivered["Carried (%)"][0].startswith("52.0 [")
    assert list(delivered["Lineage (updates)"]) == ["8.0", "4.0", "4.0"]
    assert list(delivered["n"]) == ["3", "2", "3"]
    assert list(contrasts["Difference"]) == ["B1-A0", "NULL-A0", "B1-NULL"]
    assert contrasts["Carried"][0].startswith("+20.0 [")
    assert list(contrasts["p"]) == ["0.5 (0.5)", "0.25 (0.2)", "0.5 (0.5)"]
    assert list(contrasts["Holm"]) == ["0.5", "0.5", "-"]
    assert any("Left out: B1, seed 2, campaign 2: no trace" in note for note in table.notes)


def test_equal_input_gives_equal_bytes(tmp_path: Path, carried: Carried) -> None:
    path = tmp_path / "carried.json"
    write_json(path, carried, "carried")
    names = {"output_csv": "c.csv", "output_md": "c.md", "output_tex": "c.tex"}
    module = "workflow_scripts.tables.experiments.carried_table"
    assert_equal_bytes(module, tmp_path, f"--carried={path}", **names)
    rows = pd.read_csv(tmp_path / "1/c.csv")
    carried_by_a0 = rows[(rows["of"] == "A0") & (rows["measure"] == "carried")].iloc[0]
    assert carried_by_a0["mean"] == pytest.approx(0.52)
    assert carried_by_a0["seeds"] == "1:0.51;2:0.52;3:0.53"
    assert rows[(rows["of"] == "B1-A0") & (rows["measure"] == "carried")]["holm"].item() == 0.5
