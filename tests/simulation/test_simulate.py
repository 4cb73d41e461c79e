"""Controllers in the process and along recorded chains: their own decisions, what they cost, and what is false."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from tests.control.simulated_chains import SETTINGS as CARE_FULL
from tests.control.synthetic_traces import make_trace
from tests.simulation.synthetic_process import LEARNING_RATE, make_process, make_traces
from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.plans import given_names
from workflow_scripts.control.registry import load_controller, make_settings
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.core.schemas import validate
from workflow_scripts.simulation.chain_simulation import CHAIN, SimulatedChains, simulate
from workflow_scripts.simulation.operating_characteristics import characteristics, estimate, per_chain
from workflow_scripts.simulation.recorded_chains import group_chains
from workflow_scripts.simulation.replay import replay
from workflow_scripts.simulation.simulate import parse_player, split_players

BASE: dict[str, Any] = {"steps": 20, "learning_rate": LEARNING_RATE, "kl_schedule": [0.0]}
GATE = {"pilot_steps": 10, "severe_collapse_ratio": 0.3}
CARE = {"initial_threshold": 0.5, "threshold_bounds": [0.3, 0.7], "threshold_step": 0.1, "prediction_error": 0.2}
SEARCH = {"learning_rate_factors": [0.5, 1.0, 2.0], "kl_coefficients": [0.0, 0.01, 0.05], "checkpoint": "end"}
OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "A0": ("a0_naive", BASE),
    "A2": ("a2_gate", BASE | GATE | {"threshold": 0.5}),
    "A3": ("a3_care", BASE | GATE | CARE),
    "A4": ("a4_capability_override", BASE | GATE | CARE),
    "A5": ("a5_care_full", {name: getattr(CARE_FULL, name) for name in given_names(CareSettings)} | BASE),
    "B1": ("b1_best_checkpoint", BASE),
    "B2": ("b2_random_search", BASE | SEARCH),
    "ES": ("es_early_stop", BASE | {"es_margin": 3, "es_bounds": [8, 20]}),
    "M1": ("m1_random_pareto", BASE | SEARCH | {"pareto_probability": 0.5}),
    "NULL": ("null_no_learning", BASE),
    "SHORT": ("short_campaigns", BASE | {"short_steps": 8}),
}
PROCESS = make_process()


def play(name: str, campaigns: int = 5, chains: int = 20, seed: int = 1, process=PROCESS) -> SimulatedChains:
    module, settings = OWN[name]
    return simulate(load_controller(module), name, settings, process, campaigns, chains, seed)


def watched(name: str, campaigns: int) -> list[tuple[list[dict], dict, dict]]:
    """What a controller was shown in one simulated chain, its plan and its state, campaign by campaign."""
    module, settings = OWN[name]
    controller, seen = load_controller(module), []

    def decide(history, state, own):
        plan, new_state = controller.decide(history, state, own)
        seen.append((list(history), plan, new_state))
        return plan, new_state

    simulate(replace(controller, decide=decide), name, settings, PROCESS, campaigns, 1, 1)
    return seen


@pytest.mark.parametrize("name", OWN)
def test_plans_and_states_are_valid_and_those_that_full_traces_give(name):
    """The minimal traces of the simulation leave out nothing that a controller reads."""
    seen = watched(name, 6)
    controller = load_controller(OWN[name][0])
    settings = make_settings(controller, OWN[name][1], {"chain": CHAIN, "controller": name, "seed": 0})
    for history, plan, state in seen:
        validate(plan, "plan", name)
        validate(state, "state", name)
        full = []
        for trace in history:
            rates = [step["CodeGrader/pass_rate/mean"] for step in trace["steps"]]
            complete = make_trace(rates, trace["identity"]["campaign"], name)
            complete["identity"] |= trace["identity"]
            complete["plan"] = trace["plan"]
            validate(complete, "trace", name)
            full.append({**complete, **{key: trace[key] for key in ("capabilities",) if key in trace}})
        if controller.needs:
            continue  # the base model's capabilities are the simulation's own
        replayed, _ = controller.decide(full, None, settings)
        assert replayed == plan, "from full traces and without a state the plan is another"


def test_the_first_campaign_is_shared_and_equal_arguments_give_equal_chains():
    one, again, other = play("A0"), play("A0"), play("A3")
    for field in ("true_end", "observed_end", "steps"):
        assert (getattr(one, field) == getattr(again, field)).all()
    assert (one.observed_end[:, 0] == other.observed_end[:, 0]).all()
    assert (play("A0", seed=2).observed_end != one.observed_end).any()


def test_null_keeps_what_the_first_campaign_left():
    chains = play("NULL")
    assert (chains.true_end[:, 1:] == chains.true_peak[:, 1:]).all()
    assert (chains.true_end[:, 1] == chains.true_end[:, -1]).all()
    assert (chains.observed_end[:, 1] != chains.observed_end[:, 2]).any(), "measured without noise"


def test_steps_are_those_of_the_plans():
    assert (play("A0").steps == 20).all()
    assert play("SHORT").steps[0].tolist() == [20, 8, 8, 8, 8]
    assert set(np.unique(play("A2").steps[:, 1:])) == {10, 20}


def test_the_peak_pays_where_ends_collapse():
    ends = {name: play(name, campaigns=8, chains=100).true_end[:, -1].mean() for name in ("A0", "B1", "A3")}
    assert ends["B1"] > ends["A0"] + 0.05
    assert ends["A3"] > ends["A0"] + 0.05


def test_a_thousand_campaigns():
    chains = play("A3", campaigns=1000, chains=2)
    assert chains.true_end.shape == (2, 1000)
    assert np.isfinite(chains.true_end).all()


def test_a_plan_from_an_older_campaign_is_refused():
    def decide(history, state, settings):
        plan, state = load_controller("a0_naive").decide(history, None, settings)
        return plan | {"init": {"campaign": 1, "checkpoint": "end"} if len(history) == 2 else plan["init"]}, state

    with pytest.raises(UserError, match="only the previous"):
        simulate(replace(load_controller("a0_naive"), decide=decide), "old", BASE, PROCESS, 4, 1, 1)


def chains_of(true_ratio, actions, threshold) -> SimulatedChains:
    ratio = np.array(true_ratio, dtype=float)
    peak = np.full(ratio.shape, 0.5)
    return SimulatedChains(
        true_peak=peak, true_end=peak * ratio, observed_peak=peak, observed_end=peak * 0.2,
        steps=np.full(ratio.shape, 10), actions=np.array(actions), threshold=np.array(threshold, dtype=float),
    )  # fmt: skip


def test_a_false_alarm_follows_a_campaign_that_did_not_collapse():
    chains = chains_of(
        # campaign 1: sound; 2: collapsed; 3: above its revised threshold; 4: the last, which nothing follows
        [[0.9, 0.2, 0.45, 0.1], [0.9, 0.9, 0.9, 0.9]],
        [["start", "reject", "pilot", "pilot"], ["start", "reuse", "reuse", "reuse"]],
        [[0.5, 0.5, 0.4, np.nan], [np.nan] * 4],
    )
    found = per_chain(chains, collapse_ratio=0.3, alarm_threshold=0.5)
    assert {key: value.tolist() for key, value in found.items() if "pilots" in key or "rejects" in key} == {
        "pilots": [2, 0], "rejects": [1, 0], "false_pilots": [1, 0], "false_rejects": [1, 0],
    }  # fmt: skip
    assert found["false_alarm_rate"].tolist() == [1.0, 0.0]
    assert found["collapses_true"].tolist() == [2, 0]
    assert found["collapses_observed"].tolist() == [4, 4]
    assert found["steps"].tolist() == [40, 40]


def test_chains_without_a_sound_campaign_have_no_false_alarm_rate():
    chains = chains_of([[0.1, 0.1]], [["start", "reject"]], [[0.5, np.nan]])
    assert characteristics(chains, 0.3, 0.5, 0.95)["false_alarm_rate"] == {
        "mean": None, "low": None, "high": None, "n": 0,
    }  # fmt: skip


def test_intervals_are_normal_over_chains():
    values = np.array([0.1, 0.2, 0.6, np.nan])
    found = estimate(values, 0.95)
    half = NormalDist().inv_cdf(0.975) * np.std(values[:3], ddof=1) / np.sqrt(3)
    assert found == {"mean": pytest.approx(0.3), "low": pytest.approx(0.3 - half), "high": pytest.approx(0.3 + half),
                     "n": 3}  # fmt: skip
    assert estimate(values[:1], 0.95) == {"mean": 0.1, "low": None, "high": None, "n": 1}


def test_a_controller_agrees_with_its_own_record_and_not_with_others():
    module, settings = OWN["A2"]
    controller = load_controller(module)
    traces = make_traces(PROCESS, chains=1, campaigns=4, steps=20, seed=1)
    naive, gated = group_chains(traces)
    own = make_settings(controller, settings, {"chain": gated.chain, "controller": "A3", "seed": gated.seed})
    for number in range(1, 4):  # the record becomes A2's own
        plan, _ = controller.decide(gated.traces[:number], None, own)
        gated.traces[number]["plan"] = plan
    found = replay(controller, "A2", settings, gated)
    assert (found["same_action"], found["same_training"], len(found["decisions"])) == (3, 3, 3)
    assert found["steps"] == found["recorded_steps"]
    other = replay(controller, "A2", settings, naive)
    assert other["same_training"] == 0
    assert [one["campaign"] for one in other["decisions"]] == [2, 3, 4]


def test_who_needs_more_than_there_is_is_left_out_by_name():
    players = [parse_player(f"{name}={OWN[name][0]}:{json.dumps(OWN[name][1])}") for name in ("A0", "A5")]
    assert [len(part) for part in split_players(players, {"capabilities"})] == [2, 0]
    playing, left_out = split_players(players, set())
    assert [player.name for player in playing] == ["A0"]
    assert left_out == [{"controller": "A5", "needs": "capabilities"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A0", "is not NAME=MODULE:SETTINGS"),
        ("A0=a0_naive:{", "not valid JSON"),
        ("A0=a0_naive:[]", "must be a JSON object"),
        ("A0=a0_naiv:{}", "the nearest is a0_naive"),
        ('A2=a2_gate:{"steps": 20}', "learning_rate: is missing"),
    ],
)
def test_a_wrong_player_is_explained(text, message):
    with pytest.raises(UserError, match=message):
        parse_player(text)


def test_the_command_plays_both_and_writes_equal_bytes(tmp_path: Path):
    process = {
        "schema_version": 1,
        "parameters": asdict(PROCESS),
        "assumed": ["erosion"],
        "source": {"testbed": "tiny", "chain": "c", "model": "m", "controllers": ["A0"], "seeds": [7], "traces": 1},
        "fit": {"campaigns": 1, "chains": 1, "log_likelihood": 0.0, "converged": True},
        "goodness_of_fit": {
            "replicates": 1, "collapse_ratio": 0.3,
            **{name: {"observed": 0.1, "observed_error": None, "simulated": 0.1}
               for name in ("peak", "end", "gap", "collapse_rate")},
        },
        "inputs_sha256": "0" * 64,
    }  # fmt: skip
    write_json(tmp_path / "process.json", process, "collapse_process")
    paths = []
    for number, trace in enumerate(make_traces(PROCESS, chains=1, campaigns=2, steps=4, seed=1)):
        paths.append(str(tmp_path / f"{number}.json"))
        write_json(paths[-1], trace, "trace")
    for output in ("one.json", "two.json"):
        command = [
            *(
                sys.executable,
                "-m",
                "workflow_scripts.simulation.simulate",
                "--process",
                str(tmp_path / "process.json"),
            ),
            *("--traces", *paths, "--controllers"),
            *(f"{name}={OWN[name][0]}:{json.dumps(OWN[name][1])}" for name in ("A0", "A5")),
            *("--campaigns", "3", "--chains", "4", "--seed", "1", "--collapse-ratio", "0.3"),
            *("--alarm-threshold", "0.5", "--confidence", "0.95", "--output", str(tmp_path / output)),
        ]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stderr
        assert "A0: " in shown
        assert "chains of 3 campaigns a second" in shown
    found = read_json(tmp_path / "one.json", "simulation")
    assert [one["controller"] for one in found["simulated"]["controllers"]] == ["A0", "A5"]
    assert [one["controller"] for one in found["replayed"]["controllers"]] == ["A0"]
    assert found["replayed"]["left_out"] == [{"controller": "A5", "needs": "capabilities"}]
    assert [len(one["curve"]) for one in found["simulated"]["controllers"]] == [3, 3]
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
