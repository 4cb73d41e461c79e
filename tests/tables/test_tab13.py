"""Table 13: statistics of a wave, evaluations of its last checkpoints and of untrained models."""

import sys

import pytest

from tests.tables.paper_waves import THREE, build, find, make_waves, published_path
from tests.tables.synthetic_statistics import sign_flip
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.tables import tab13

NAIVE, CARE = {17: 0.1, 23: 0.2, 42: 0.6}, {17: 0.3, 23: 0.2, 42: 0.5}
SEEDS, PROBLEMS = "exact bootstrap over seeds", "resampled bootstrap over problems"


def interval(method: str, low: float | None, high: float | None) -> dict:
    return {"method": method, "level": 0.95, "low": low, "high": high, "note": None}


def evaluated(rate: float) -> dict:
    rates = {f"pass@{k}": rate for k in (1, 4, 8, 16)}
    intervals = dict.fromkeys(rates, interval(PROBLEMS, rate - 0.05, rate + 0.05))
    counts = {"n": 100, "samples": 16, "unjudged": 0, "unit": "problem"}
    return rates | counts | {"intervals": intervals, "grades_sha256": "0" * 64, "problems_sha256": "1" * 64}


def over_seeds(by_seed: dict[int, float], key: str) -> dict:
    values = list(by_seed.values())
    return {
        key: [{"seed": seed, "value": value} for seed, value in by_seed.items()],
        "mean": sum(values) / len(values),
        "n": len(values),
        "unit": "seed",
        "intervals": [interval(SEEDS, min(values), max(values)), interval("Student t", -1, 1)],
    }


def checkpoint(controller: str, seed: int) -> str:
    return f"7B-reinforce-py-20/{controller}/s{seed}/c05-end"


def make_group(controller: str, by_seed: dict[int, float]) -> dict:
    return {
        "wave": "W3",
        "controller": controller,
        "checkpoints": [checkpoint(controller, seed) for seed in THREE],
        "splits": {"main": {f"pass@{k}": over_seeds(by_seed, "values") for k in (1, 4, 8, 16)}},
        "missing": [
            {"checkpoint": checkpoint(controller, seed), "split": split}
            for split in ("main", "cpp")
            for seed in THREE
            if split == "cpp" or seed not in by_seed
        ],
    }


def make_evaluations(care: dict[int, float], untrained: tuple[str, ...] = ("7B", "32B")) -> dict:
    """Evaluations of untrained models at 25 % and of W3's last checkpoints on main."""
    differences = {seed: care[seed] - NAIVE[seed] for seed in care}
    contrast = over_seeds(differences, "differences") | {"sign_flip": sign_flip(list(differences.values()))}
    by_seed = [
        {"seed": seed, "earlier": NAIVE[seed], "later": care[seed], "difference": value}
        | {"interval": interval(PROBLEMS, value - 0.1, value + 0.1)}
        for seed, value in differences.items()
    ]
    return {
        "schema_version": 1,
        "testbed": "tiny",
        "models": {"7B": "tiny-qwen2-355k", "32B": "tiny-large"},
        "checkpoints": {f"base/{role}": {"main": evaluated(0.25), "cpp": evaluated(0.9)} for role in untrained},
        "groups": {"W3 A0": make_group("A0", NAIVE), "W3 A3": make_group("A3", care)},
        "paired": {"W3 A3-A0": {"main": {"contrast": contrast, "seeds": by_seed}}},
        "inputs": {},
    }


def measured_table(waves, evaluations):
    return build(tab13.TABLE, waves, tab13.measure_evaluated(waves, evaluations))


def test_trained_rows_are_the_groups_of_last_checkpoints():
    records, table = measured_table(make_waves(tab13.TABLE), make_evaluations(CARE))
    naive = find(records, "main", "A0 naive, trained")
    assert naive["seeds"] == pytest.approx({17: 10, 23: 20, 42: 60})
    # The sample variance of 10, 20, 60 is (20^2 + 10^2 + 30^2) / 2 = 700.
    assert (naive["mean"], naive["sd"]) == pytest.approx((30, 700**0.5))
    assert (naive["bootstrap_low"], naive["bootstrap_high"]) == pytest.approx((10, 60))
    difference = find(records, "main", "A3-A0")
    assert difference["seeds"] == pytest.approx({17: 20, 23: 0, 42: -10})
    assert difference["mean"] == pytest.approx(10 / 3)
    assert table.panels[0].frame["Paper"].iloc[1] == table.panels[1].frame["Paper"].iloc[1] == "12.3 ± 6.2, n = 3"
    assert set(table.panels[2].frame["Paper"]) == {"not reported"}


def test_an_untrained_model_is_one_checkpoint_with_an_interval_over_problems():
    records, table = measured_table(make_waves(tab13.TABLE), make_evaluations(CARE))
    frozen = find(records, "main", "untrained", "32B")
    assert (frozen["mean"], frozen["n"], frozen["unit"], frozen["sd"]) == (25, 100, "problem", None)
    assert (frozen["bootstrap_low"], frozen["bootstrap_high"]) == pytest.approx((20, 30))
    assert table.panels[0].frame["n"].tolist() == ["100 problems", "3 seeds", "3 seeds", "100 problems"]
    assert table.panels[0].frame["Student t"].iloc[3] == "n/a"
    assert find(records, "end_pass_rate", "untrained", "32B")["status"] == "not applicable"
    assert PROBLEMS in " ".join(table.notes)


def test_what_was_not_evaluated_is_named():
    waves, evaluations = make_waves(tab13.TABLE), make_evaluations({17: 0.3, 42: 0.5}, ("7B",))
    records, _ = measured_table(waves, evaluations)
    assert find(records, "main", "untrained", "32B")["status"] == "not run: base/32B is not evaluated on main"
    assert find(records, "main", "A3 CARE v2, trained")["n"] == find(records, "main", "A3-A0")["n"] == 2
    words = f"Not evaluated on main and left out there: {checkpoint('A3', 23)}."
    assert tab13.not_evaluated(evaluations) == [words]
    assert tab13.not_evaluated(None) == []


def test_statistics_and_evaluations_do_without_each_other():
    records, _ = measured_table(make_waves(tab13.TABLE), None)
    assert find(records, "main", "A0 naive, trained")["status"] == "not run: W3 A0 is not evaluated on main"
    assert find(records, "main", "A3-A0")["status"] == "not run: W3 A3-A0 is not evaluated on main"
    assert find(records, "end_probe", "A0 naive, trained")["status"] == "measured"
    records, _ = measured_table({}, make_evaluations(CARE))
    assert find(records, "main", "A0 naive, trained")["mean"] == pytest.approx(30)
    assert find(records, "end_probe", "A0 naive, trained")["status"] == "not run: no statistics of wave W3"


def test_command_line_takes_evaluations(tmp_path, monkeypatch):
    (statistics,) = make_waves(tab13.TABLE).values()
    write_json(tmp_path / "W3.json", statistics, "statistics")
    write_json(tmp_path / "evaluations.json", make_evaluations({17: 0.3, 42: 0.5}), "evaluations")
    assert read_json(tmp_path / "evaluations.json", "evaluations")["testbed"] == "tiny"
    arguments = ["tab13", "--statistics", str(tmp_path / "W3.json"), "--published", str(published_path(tab13.TABLE))]
    arguments += ["--evaluations", str(tmp_path / "evaluations.json")]
    for ending in ("csv", "md", "tex"):
        arguments += [f"--output-{ending}", str(tmp_path / f"table.{ending}")]
    monkeypatch.setattr(sys, "argv", arguments)
    tab13.main()
    written = (tmp_path / "table.md").read_text()
    assert "tiny-large as 32B" in written
    assert f"- Not evaluated on main and left out there: {checkpoint('A3', 23)}." in written
