"""Table claims: a row for each claim of paper/headline.yaml, with the numbers of the statistics that it names."""

import statistics
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.makers.ladder import make_ladder
from tests.makers.scripts import assert_equal_bytes
from tests.makers.synthetic_statistics import make_statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.experiments.claims_file import CheckedClaim, read_claims
from workflow_scripts.statistics.experiments.headline_claims import try_claims
from workflow_scripts.statistics.experiments.reward_ladder import summarise as summarise_ladder
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.tables.experiments.claims_table import build

CLAIMS = Path(__file__).resolve().parents[3] / "paper/headline.yaml"
WAVES = {
    "W4": ("7B", ("A0", "A3")),
    "W7": ("3B", ("A0", "A3")),
    "W8": ("7B", ("ES",)),
    "W12": ("3B", ("ES",)),
    "W17": ("7B", ("A0", "A3")),
    "W18": ("7B", ("ES",)),
    "W104": ("7B", ("A0", "NULL")),
    "W107": ("3B", ("A0", "NULL")),
}
RATE = 1e-3  # of the made-up ladder's graded reward
BOOTSTRAP = Bootstrap(0.95, 1000, 200)


@pytest.fixture(scope="module")
def inputs() -> dict[str, Any]:
    return {
        "statistics": {name: make_statistics(name, role, controllers=own) for name, (role, own) in WAVES.items()},
        "ladder": {**summarise_ladder(make_ladder(), BOOTSTRAP), "inputs": {}},
    }


def tried(inputs: dict[str, Any], rate: float = RATE) -> list[Any]:
    return try_claims(read_claims(CLAIMS), inputs["statistics"], inputs["ladder"], rate)


def test_a_row_has_the_difference_that_its_seeds_have(inputs: dict[str, Any]) -> None:
    records, table = build(tried(inputs), "some models")
    wave = inputs["statistics"]["W7"]["controllers"]
    ends = [{one["seed"]: one["value"] for one in wave[name]["end_probe"]["values"]} for name in ("A3", "A0")]
    row = next(one for one in records if one["conditions"] == "A3 (W7) - A0 (W7)")
    assert row["mean"] == pytest.approx(100 * statistics.mean(ends[0][seed] - ends[1][seed] for seed in ends[0]))
    assert (row["n"], row["expected"]) == (5, "above")
    text = next(cell for cell in table.panels[0].frame["Ours"] if cell.startswith("A3 (W7) - A0 (W7):"))
    assert text.endswith("], n = 5")
    assert f"{row['mean']:+.1f} [{row['low']:+.1f}, {row['high']:+.1f}]" in text
    assert len(records) == len(read_claims(CLAIMS))


def test_the_ladders_claim_holds_where_the_graded_reward_rises_and_falls(inputs: dict[str, Any]) -> None:
    first = tried(inputs)[0]
    assert isinstance(first.claim, CheckedClaim)
    assert first.outcome == "holds"
    assert first.ours.startswith("rise ")
    with pytest.raises(UserError, match=r"the ladder has no graded reward at 0\.5"):
        tried(inputs, 0.5)


def test_as_a_process_it_repeats_its_bytes(inputs: dict[str, Any], tmp_path: Path) -> None:
    files = []
    for name, found in inputs["statistics"].items():
        write_json(tmp_path / f"{name}.json", found, schema="statistics")
        files.append(str(tmp_path / f"{name}.json"))
    options = [f"--claims={CLAIMS}", "--statistics", *files, f"--learning-rate={RATE}"]
    write_json(tmp_path / "ladder.json", inputs["ladder"], schema="ladder")
    options.append(f"--ladder={tmp_path}/ladder.json")
    module = "workflow_scripts.tables.experiments.claims_table"
    names = {"output_csv": "claims.csv", "output_md": "claims.md", "output_tex": "claims.tex"}
    written, text, _ = assert_equal_bytes(module, tmp_path, *options, **names)
    (tmp_path / "claims.csv").write_bytes(written)
    outcomes = pd.read_csv(tmp_path / "claims.csv")["outcome"]
    assert list(outcomes) == [one.outcome for one in tried(inputs)]
    assert b"a campaign rises and then falls" in text
