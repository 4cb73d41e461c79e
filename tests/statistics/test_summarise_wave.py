"""The statistics script end to end, on traces whose answers are known."""

import sys
from pathlib import Path

import pytest

from tests.control.synthetic_traces import CHAIN, make_trace
from tests.makers.scripts import run_script
from tests.makers.synthetic_statistics import make_statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.statistics import summarise_wave
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.oracles import EarlyStop
from workflow_scripts.statistics.summarise_wave import Definitions, summarise

SEEDS = (7, 11, 17, 42, 23)
NAIVE_END = {7: 0.118, 11: 0.181, 17: 0.063, 23: 0.009, 42: 0.219}  # Table 15 and section 5.6, 7B
CARE_END = {7: 0.025, 11: 0.044, 17: 0.372, 23: 0.023, 42: 0.226}
BOOTSTRAP = Bootstrap(0.95, 10**6, 10_000)
DEFINITIONS = Definitions(0.3, (0.2, 0.3, 0.5), EarlyStop(3, 0.02))


def wave_traces(seeds: tuple[int, ...] = SEEDS) -> list[dict]:
    """Two campaigns per chain; the last one peaks at 0.5 and ends where the paper's tenth campaign ended."""
    given = []
    for seed in seeds:
        given.append(make_trace([0.2, 0.4], seed=seed, probe=[(0, 0.1), (2, 0.3)]))
        for controller, ends in (("A0", NAIVE_END), ("A3", CARE_END)):
            action = "continue" if controller == "A0" else "pilot"
            probe = [(0, 0.3), (3, ends[seed] / 2)]
            given.append(make_trace([0.4, 0.5, ends[seed]], 2, controller, seed, action, probe=probe))
    return given


def summary(given: list[dict], seeds: tuple[int, ...] = SEEDS) -> dict:
    return summarise("W4", CHAIN, ["A0", "A3"], seeds, 2, given, BOOTSTRAP, DEFINITIONS)


def test_as_a_process(tmp_path: Path) -> None:
    paths = []
    for number, trace in enumerate(wave_traces()):
        paths.append(tmp_path / f"{number}.json")
        write_json(paths[-1], trace, "trace")
    output = tmp_path / "W4.json"
    options = ["--wave", "W4", "--chain", CHAIN, "--controllers", "A0", "A3", "--seeds", *SEEDS, "--campaigns", 2]
    options += ["--confidence", 0.95, "--collapse-ratio", 0.3, "--gap-thresholds", 0.2, 0.3, 0.5]
    options += ["--early-stop-declines", 3, "--early-stop-size", 0.02, "--max-atoms", 1000000, "--resamples", 10000]
    done = run_script(summarise_wave.__name__, *options, "--traces", *paths, "--output", output)
    assert done.returncode == 0, done.stderr
    found = read_json(output, "statistics")
    assert found.pop("inputs") == {str(path): sha256_file(path) for path in paths}
    assert found == summary(wave_traces())


def test_the_papers_table_6_comes_out() -> None:
    controllers = summary(wave_traces())["controllers"]
    naive, care = controllers["A0"]["end_pass_rate"], controllers["A3"]["end_pass_rate"]
    assert [entry["seed"] for entry in naive["values"]] == list(SEEDS)
    assert (round(naive["mean"], 3), round(care["mean"], 3)) == (0.118, 0.138)
    found = [
        (round(bounds["low"], 3), round(bounds["high"], 3)) for bounds in (naive["intervals"][0], care["intervals"][0])
    ]
    assert found == [(0.052, 0.184), (0.028, 0.273)]
    assert naive["intervals"][1]["method"] == "Student t"
    assert controllers["A0"]["end_probe"]["mean"] == pytest.approx(0.118 / 2)
    assert controllers["A0"]["gap_probe"]["mean"] == pytest.approx(0.3 - 0.118 / 2)


def test_contrasts_pair_the_same_seed() -> None:
    contrast = summary(wave_traces())["paired"]["A3-A0"]["end_pass_rate"]
    differences = {entry["seed"]: entry["value"] for entry in contrast["differences"]}
    assert differences == pytest.approx({seed: CARE_END[seed] - NAIVE_END[seed] for seed in SEEDS})
    assert (contrast["sign_flip"]["n"], contrast["sign_flip"]["floor"]) == (5, 0.0625)


def test_campaigns_and_trajectories_hold_every_campaign() -> None:
    found = summary(wave_traces())
    assert len(found["campaigns"]) == len(found["trajectories"]) == 2 * len(SEEDS) * 2
    row = next(row for row in found["campaigns"] if (row["controller"], row["seed"], row["campaign"]) == ("A0", 23, 2))
    assert (row["collapsed"], row["onset"], row["latency"], row["action"], row["steps"]) == (True, 3, 0, "continue", 3)
    assert isinstance(row["onset"], int)
    unharmed = next(row for row in found["campaigns"] if row["campaign"] == 1)
    assert (unharmed["onset"], unharmed["phase_transition"]) == (None, None)
    trajectory = found["trajectories"][0]
    assert (trajectory["pass_rates"], trajectory["probe"]) == ([0.2, 0.4], [[0, 0.1], [2, 0.3]])


def test_a_failed_chain_leaves_the_mean_and_the_pairs(tmp_path: Path) -> None:
    given = wave_traces()
    given[2] = make_trace([0.4, None], 2, "A3", 7, "pilot", status="non_finite_gradient")
    found = summary(given)
    write_json(tmp_path / "W4.json", {**found, "inputs": {}}, "statistics")
    reason = "ended with status non_finite_gradient at step 2"
    assert found["excluded"] == [{"controller": "A3", "seed": 7, "campaign": 2, "reason": reason}]
    assert found["controllers"]["A0"]["gap"]["n"] == 5
    assert found["controllers"]["A3"]["gap"]["n"] == found["paired"]["A3-A0"]["gap"]["n"] == 4


@pytest.mark.parametrize("failed", [False, True])
def test_one_seed_or_none_has_no_intervals(tmp_path: Path, failed: bool) -> None:
    given = wave_traces((7,))
    if failed:
        given[0] = make_trace([], status="non_finite_loss")
    found = summary(given, (7,))
    write_json(tmp_path / "W4.json", {**found, "inputs": {}}, "statistics")
    metric = found["controllers"]["A0"]["end_pass_rate"]
    assert metric["n"] == (0 if failed else 1)
    assert all(interval["low"] is None and interval["note"] for interval in metric["intervals"])


def test_traces_of_another_chain_or_model_are_refused() -> None:
    given = wave_traces()
    given[3]["identity"]["chain"] = "3B-reinforce-py-20"
    with pytest.raises(UserError, match=r"seed 11, campaign 1: identity\.chain: is '3B-reinforce-py-20'"):
        summary(given)
    given = wave_traces()
    given[1]["model"]["name"] = "another"
    with pytest.raises(UserError, match=r"controller A0, seed 7, campaign 2: model: is"):
        summary(given)


@pytest.fixture(scope="module")
def slow_and_fast() -> tuple[dict, dict]:
    """The same campaigns summarised the slow way, by the tests of tables and figures, and by the script."""
    slow = make_statistics(controllers=("A0",), campaigns=4)
    given = [
        make_trace(
            found["pass_rates"],
            found["campaign"],
            "A0",
            found["seed"],
            "continue",
            probe=[tuple(entry) for entry in found["probe"]],
        )
        for found in slow["trajectories"]
    ]
    return slow, summarise("W4", CHAIN, ["A0"], SEEDS, 4, given, BOOTSTRAP, DEFINITIONS)


def test_chain_metrics_are_those_of_the_slow_way(slow_and_fast: tuple[dict, dict]) -> None:
    slow, fast = (found["controllers"]["A0"] for found in slow_and_fast)
    assert set(slow) == set(fast)
    for metric, expected in slow.items():
        found = {entry["seed"]: entry["value"] for entry in fast[metric]["values"]}
        assert found == pytest.approx({entry["seed"]: entry["value"] for entry in expected["values"]}), metric
        bounds = [(interval["low"], interval["high"]) for interval in expected["intervals"]]
        assert [(interval["low"], interval["high"]) for interval in fast[metric]["intervals"]] == [
            pytest.approx(pair) for pair in bounds
        ], metric


def test_campaign_metrics_are_those_of_the_slow_way(slow_and_fast: tuple[dict, dict]) -> None:
    slow, fast = (found["campaign_metrics"]["A0"] for found in slow_and_fast)
    assert set(slow) == set(fast)
    for metric, expected in slow.items():
        found = fast[metric]
        assert [found[key] for key in ("mean", "n", "defined", "n_seeds")] == pytest.approx(
            [expected[key] for key in ("mean", "n", "defined", "n_seeds")]
        ), metric
        by_seed, slow_by_seed = found["intervals"][0], expected["intervals"][0]
        assert (by_seed["low"], by_seed["high"]) == pytest.approx((slow_by_seed["low"], slow_by_seed["high"])), metric


def test_carryover_is_that_of_the_slow_way(slow_and_fast: tuple[dict, dict]) -> None:
    slow, fast = (found["carryover"]["A0"] for found in slow_and_fast)
    assert fast == [pytest.approx(entry) for entry in slow]


@pytest.mark.parametrize(
    ("option", "value"), [("--gap-thresholds", "20"), ("--early-stop-size", "2"), ("--early-stop-declines", "0")]
)
def test_impossible_settings_are_refused_by_name(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    given = "--wave W4 --chain c --controllers A0 --seeds 7 --campaigns 1 --traces t --confidence 0.95 --output o"
    given += " --collapse-ratio 0.3 --gap-thresholds 0.2 --early-stop-declines 3 --early-stop-size 0.02 --max-atoms 9"
    monkeypatch.setattr(sys, "argv", ["summarise_wave", *given.split(), "--resamples", "9", option, value])
    with pytest.raises(SystemExit):
        summarise_wave.main()
    assert f"{option}: must be" in capsys.readouterr().err
