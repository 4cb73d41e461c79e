"""The decide script: files in, files out, and its refusals."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control import simulated_chains
from tests.control.synthetic_traces import CHAIN, make_trace
from tests.control.test_controllers import SETTINGS
from workflow_scripts.control import decide
from workflow_scripts.control.plans import given_names
from workflow_scripts.control.registry import controller_names, load_controller
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json

OWN_SETTINGS = {name: SETTINGS[name] for name in given_names(load_controller("a3_care").settings)}


def arguments(folder: Path, **changes: object) -> list[str]:
    values = {
        "module": "a3_care",
        "controller": "A3",
        "chain": CHAIN,
        "seed": 7,
        "campaign": 3,
        "settings": json.dumps(OWN_SETTINGS),
        "traces": [folder / "c01.json", folder / "c02.json"],
        "output-plan": folder / "plan.json",
        "output-state": folder / "state.json",
        **changes,
    }
    command = []
    for key, value in values.items():
        command += [f"--{key}", *map(str, value if isinstance(value, list) else [value])]
    return command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_json(tmp_path / "c01.json", make_trace([0.2, 0.5, 0.4]), "trace")
    write_json(tmp_path / "c02.json", make_trace([0.5, 0.2], 2, action="reuse"), "trace")
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["decide", *command])
    decide.main()


def test_as_a_process(folder: Path) -> None:
    command = [sys.executable, "-m", "workflow_scripts.control.decide", *arguments(folder)]
    subprocess.run(command, check=True)
    plan, state = read_json(folder / "plan.json", "plan"), read_json(folder / "state.json", "state")
    assert (plan["action"], plan["init"]) == ("pilot", {"campaign": 2, "checkpoint": "peak"})
    assert [entry["campaign"] for entry in state["memory"]] == [1, 2]


def test_heavy_modules_stay_out() -> None:
    code = (
        "import sys, workflow_scripts.control.decide\n"
        "from workflow_scripts.control.registry import controller_names, load_controller\n"
        "assert len([load_controller(name) for name in controller_names()]) >= 15\n"
        "heavy = {'torch', 'numpy', 'pandas', 'scipy', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_state_of_the_first_campaign_is_taken_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = json.dumps({name: SETTINGS[name] for name in ("steps", "learning_rate", "kl_schedule")})
    first = {"module": "first_campaign", "controller": "first", "campaign": 1, "traces": [], "settings": base}
    call(monkeypatch, arguments(folder, **first))
    call(monkeypatch, arguments(folder, campaign=2, traces=[folder / "c01.json"], state=folder / "state.json"))
    state = read_json(folder / "state.json", "state")
    assert (state["controller"], state["campaign"], state["threshold"]) == ("A3", 2, 0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"module": "a3_car"}, r"--module a3_car: no such controller; the nearest is a3_care"),
        ({"module": "gate"}, r"--module gate: no such controller"),
        ({"module": "../a3_care"}, r"no such controller; the nearest is a3_care"),
        ({"settings": "{"}, r"--settings: not valid JSON"),
        ({"settings": "[]"}, r"must be a JSON object"),
        ({"settings": json.dumps({**OWN_SETTINGS, "seed": 1})}, r"--settings: seed: has an option of its own"),
        (
            {"settings": json.dumps({("pilot_step" if k == "pilot_steps" else k): v for k, v in OWN_SETTINGS.items()})},
            r"--settings: pilot_step: unknown key; did you mean 'pilot_steps'\?",
        ),
        (
            {"settings": json.dumps({key: OWN_SETTINGS[key] for key in OWN_SETTINGS if key != "pilot_steps"})},
            r"--settings: pilot_steps: is missing, and controller a3_care needs it",
        ),
        ({"campaign": 2}, r"campaign 2 needs the 1 before it, got 2"),
        ({"seed": 11}, r"trace 1: identity\.seed: is 7, expected 11"),
        ({"controller": "A2"}, r"trace 2: identity\.controller: is 'A3', expected 'A2'"),
    ],
)
def test_refusals(folder: Path, monkeypatch: pytest.MonkeyPatch, changes: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        call(monkeypatch, arguments(folder, **changes))
    assert not (folder / "plan.json").exists()


def test_a_state_of_another_campaign_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(monkeypatch, arguments(folder))
    with pytest.raises(UserError, match=r"--state: campaign: is 3, expected the previous one, 2"):
        call(monkeypatch, arguments(folder, state=folder / "state.json"))


def test_every_controller_is_found_by_its_file() -> None:
    names = controller_names()
    assert {"a0_naive", "a3_care", "first_campaign"} <= set(names)
    assert not {"gate", "learning_rate_decay", "hyperparameter_search"} & set(names)
    assert all(load_controller(name).module == name for name in names)


A5 = load_controller("a5_care_full")
A5_SETTINGS = {name: getattr(simulated_chains.SETTINGS, name) for name in given_names(A5.settings)}
NOTHING: dict[str, float | None] = {
    "pass@1": None,
    "hard_case_acc": None,
    "cpp_acc": None,
    "ood_acc": None,
    "gen_gap": None,
}


def write_capabilities(folder: Path, checkpoint: str, **values: float) -> Path:
    path = folder / f"{checkpoint.replace('/', '_')}.json"
    measured = {**NOTHING, **values}
    content = {"schema_version": 1, "checkpoint": checkpoint, "capabilities": measured, "inputs": {"cpp": "a" * 64}}
    write_json(path, content, "capabilities")
    return path


def a4(folder: Path, **changes: object) -> list[str]:
    first = write_capabilities(folder, f"{CHAIN}/first/s7/c01-peak", cpp_acc=0.5)
    second = write_capabilities(folder, f"{CHAIN}/A4/s7/c02-peak", cpp_acc=0.25)
    write_json(folder / "c02.json", make_trace([0.5, 0.5], 2, controller="A4", action="reuse"), "trace")
    base = write_capabilities(folder, "base/7B", cpp_acc=0.4)
    own = {"module": "a4_capability_override", "controller": "A4"}
    return arguments(folder, **{**own, "capabilities": [first, second], "base-capabilities": base, **changes})


def test_capabilities_reach_the_controller(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call(monkeypatch, a4(folder))
    plan = read_json(folder / "plan.json", "plan")
    numbers = plan["reason"]["numbers"]
    assert (plan["action"], numbers["cpp_acc"], numbers["baseline_cpp_acc"]) == ("pilot", 0.25, 0.5)
    write_json(folder / "c02.json", make_trace([0.5, 0.5], 2, controller="A3", action="reuse"), "trace")
    call(monkeypatch, arguments(folder))
    assert read_json(folder / "plan.json", "plan")["action"] == "reuse"


def test_the_base_models_capabilities_are_a_setting() -> None:
    history = [make_trace([0.2, 0.5, 0.4])]
    first, base = ({"checkpoint": at, "capabilities": NOTHING} for at in (f"{CHAIN}/first/s7/c01-peak", "base/7B"))
    identity = {"chain": CHAIN, "controller": "A5", "seed": 7}
    plan, _ = decide.plan_campaign(A5, identity, 2, A5_SETTINGS, history, None, decide.Shown([first], base))
    assert plan["campaign"] == 2
    told = simulated_chains.SETTINGS
    seen, settings = decide.attach_capabilities(A5, told, history, decide.Shown([first], base))
    assert seen == [{**history[0], "capabilities": NOTHING}]
    assert settings == replace(told, base_capabilities=NOTHING)
    assert "capabilities" not in history[0]


def test_capabilities_of_something_else_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write_capabilities(folder, f"{CHAIN}/A5/s7/c02-peak")
    end = write_capabilities(folder, f"{CHAIN}/A4/s7/c02-end")
    first = folder / f"{CHAIN}_first_s7_c01-peak.json"
    small = write_capabilities(folder, "base/3B")
    refusals: list[tuple[dict[str, object], str]] = [
        ({"capabilities": [first]}, r"--capabilities: 2 campaigns need one file each, got 1"),
        ({"capabilities": [first, other]}, r"checkpoint: is '.*/A5/s7/c02-peak', expected '.*/A4/s7/c02-peak'"),
        ({"capabilities": [first, end]}, r"checkpoint: is '.*c02-end', expected '.*c02-peak'"),
        ({"base-capabilities": small}, r"--base-capabilities: checkpoint: is 'base/3B', expected 'base/7B'"),
    ]
    for changes, message in refusals:
        with pytest.raises(UserError, match=message):
            call(monkeypatch, a4(folder, **changes))
    without = a4(folder)
    at = without.index("--base-capabilities")
    with pytest.raises(UserError, match=r"--base-capabilities: is missing, and controller a4_\w+ needs it"):
        call(monkeypatch, without[:at] + without[at + 2 :])
    with pytest.raises(UserError, match=r"a3_care decides without; omit them"):
        call(monkeypatch, a4(folder, module="a3_care"))
    assert not (folder / "plan.json").exists()


def test_controllers_that_need_capabilities_say_which() -> None:
    for name in ("a4_capability_override", "a5_care_full"):
        controller = load_controller(name)
        assert controller.evaluated in ("peak", "end")
        assert set(controller.splits) <= {"main", "hard", "cpp", "ood"}
        assert controller.splits
    assert load_controller("a3_care").splits == ()
