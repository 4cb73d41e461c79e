"""Table ladder: each condition's numbers, verdict and tests, in percent, as the summary has them."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from tests.makers.ladder import make_ladder
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.contracts.experiments import Ladder
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.experiments.reward_ladder import summarise
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.tables.experiments.ladder_table import build


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    traces = make_ladder()
    traces[-2]["status"] = "non_finite_loss"
    return {**summarise(traces, Bootstrap(0.95, 1000, 200)), "inputs": {}}


def test_every_condition_is_a_row_of_both_panels(ladder: Ladder) -> None:
    _, table = build(ladder)
    held_out, after, tests = (panel.frame for panel in table.panels)
    assert list(held_out["Reward"]) == list(after["Reward"]) == ["graded", "none", "shuffled"]
    assert list(after["Verdict"]) == ["rises and falls: narrowing", "neither", "falls: melting"]
    graded = ladder["conditions"][0]["metrics"]
    assert held_out["Start"][0] == f"{100 * (graded['start']['mean'] or 0):.1f}"
    assert held_out["Fall"][0].startswith(f"{100 * (graded['fall']['mean'] or 0):+.1f} [+")
    assert list(tests["Question"]) == ["H1: fall, graded - learning rate 0", "H2: end, shuffled - graded"]
    assert any("Left out: shuffled at 0.001, seed 3" in note for note in table.notes)


def test_the_csv_has_every_measure_with_every_interval(ladder: Ladder) -> None:
    records = pd.DataFrame(build(ladder)[0])
    assert len(records) == sum(len(one["metrics"]) for one in ladder["conditions"])
    row = records[(records["reward"] == "graded") & (records["measure"] == "rise")].iloc[0]
    metric = ladder["conditions"][0]["metrics"]["rise"]
    assert row["mean"] == metric["mean"]
    student = next(one for one in metric["intervals"] if one["method"] == "Student t")
    assert (row["Student t: low"], row["Student t: high"]) == (student["low"], student["high"])
    assert row["seeds"].startswith("1:")


def test_equal_input_gives_equal_bytes(tmp_path: Path, ladder: Ladder) -> None:
    path = tmp_path / "ladder.json"
    write_json(path, ladder, "ladder")
    csv, md, _ = assert_equal_bytes(
        "workflow_scripts.tables.experiments.ladder_table",
        tmp_path,
        f"--ladder={path}",
        output_csv="l.csv",
        output_md="l.md",
        output_tex="l.tex",
    )
    assert b"narrowing" in md
    assert len(pd.read_csv(BytesIO(csv))) > 10
