"""The decide script: files in, files out, and its refusals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.control.synthetic_traces import CHAIN, make_trace
from tests.control.test_controllers import SETTINGS
from workflow_scripts.control import decide
from workflow_scripts.control.registry import controller_names, load_controller
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json

OWN_SETTINGS = {key: value for key, value in SETTINGS.items() if key not in ("chain", "controller", "seed")}


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
        "from workflow_scripts.control import a0_naive, a3_care\n"
        "heavy = {'torch', 'numpy', 'pandas', 'scipy', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_state_of_the_first_campaign_is_taken_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {"module": "first_campaign", "controller": "first", "campaign": 1, "traces": []}
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
            r"--settings: pilot_steps: is missing.*did you mean it by pilot_step\?",
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
    assert all(load_controller(name).module == name for name in names)
