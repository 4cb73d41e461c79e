"""Table 13: statistics of a wave, evaluations of its last checkpoints and of untrained models."""

import pytest

from tests.makers.synthetic_statistics import sign_flip
from tests.tables.built_tables import THREE, bounds, build, find, make_waves, published, write_files
from workflow_scripts.tables import tab13
from workflow_scripts.tables.frame.command_line import Inputs

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
        **({"iqm": sum(values) / len(values)} if key == "values" else {"probability_of_improvement": 0.5}),
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
        "models": {"7B": "tiny-qwen2-404k", "32B": "tiny-large"},
        "checkpoints": {f"base/{role}": {"main": evaluated(0.25), "cpp": evaluated(0.9)} for role in untrained},
        "groups": {"W3 A0": make_group("A0", NAIVE), "W3 A3": make_group("A3", care)},
        "paired": {"W3 A3-A0": {"main": {"contrast": contrast, "seeds": by_seed}}},
        "inputs": {},
    }


def test_trained_rows_are_the_groups_of_last_checkpoints():
    records, table = build("tab13", evaluations=make_evaluations(CARE))
    naive = find(records, "main", "A0 naive, trained")
    assert naive.ours.seeds == pytest.approx({17: 10, 23: 20, 42: 60})
    # The sample variance of 10, 20, 60 is (20^2 + 10^2 + 30^2) / 2 = 700.
    assert (naive.ours.value, naive.ours.sd) == pytest.approx((30, 700**0.5))
    assert bounds(naive) == pytest.approx((10, 60))
    difference = find(records, "main", "A3-A0")
    assert difference.ours.seeds == pytest.approx({17: 20, 23: 0, 42: -10})
    assert difference.ours.value == pytest.approx(10 / 3)
    assert table.panels[0].frame["Paper"].iloc[1] == table.panels[1].frame["Paper"].iloc[1] == "12.3 ± 6.2, n = 3"
    assert set(table.panels[2].frame["Paper"]) == {"not reported"}


def test_an_untrained_model_is_one_checkpoint_with_an_interval_over_problems():
    records, table = build("tab13", evaluations=make_evaluations(CARE))
    frozen = find(records, "main", "untrained", "32B")
    assert (frozen.ours.value, frozen.ours.n, frozen.ours.unit, frozen.ours.sd) == (25, 100, "problem", None)
    assert bounds(frozen) == pytest.approx((20, 30))
    assert table.panels[0].frame["n"].tolist() == ["100 problems", "3 seeds", "3 seeds", "100 problems"]
    assert table.panels[0].frame["Student t"].iloc[3] == "n/a"
    assert find(records, "end_pass_rate", "untrained", "32B").status == "not applicable"
    assert PROBLEMS in " ".join(table.notes)


def test_what_was_not_evaluated_is_named():
    waves, evaluations = make_waves("tab13"), make_evaluations({17: 0.3, 42: 0.5}, ("7B",))
    records, _ = build("tab13", waves, evaluations=evaluations)
    assert find(records, "main", "untrained", "32B").status == "not run: base/32B is not evaluated on main"
    assert find(records, "main", "A3 CARE v2, trained").ours.n == find(records, "main", "A3-A0").ours.n == 2
    words = f"Not evaluated on main and left out there: {checkpoint('A3', 23)}."
    files = {"evaluations": [evaluations]}
    assert tab13.not_evaluated(Inputs(published("tab13"), files=files)) == [words]
    assert tab13.not_evaluated(Inputs(published("tab13"))) == []


def test_statistics_and_evaluations_do_without_each_other():
    records, _ = build("tab13")
    assert find(records, "main", "A0 naive, trained").status == "not run: W3 A0 is not evaluated on main"
    assert find(records, "main", "A3-A0").status == "not run: W3 A3-A0 is not evaluated on main"
    assert find(records, "end_probe", "A0 naive, trained").status == "measured"
    records, _ = build("tab13", {}, evaluations=make_evaluations(CARE))
    assert find(records, "main", "A0 naive, trained").ours.value == pytest.approx(30)
    assert find(records, "end_probe", "A0 naive, trained").status == "not run: no statistics of wave W3"


def test_command_line_takes_evaluations(tmp_path, monkeypatch):
    evaluations = make_evaluations({17: 0.3, 42: 0.5})
    written = write_files("tab13", tmp_path, monkeypatch, make_waves("tab13"), evaluations=evaluations)["md"]
    assert "tiny-large as 32B" in written
    assert f"- Not evaluated on main and left out there: {checkpoint('A3', 23)}." in written
