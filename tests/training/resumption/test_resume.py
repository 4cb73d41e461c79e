"""A campaign that was killed goes on at its last step boundary and ends as if nothing had happened."""

import copy
import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.damage import DAMAGES
from tests.patience import await_that
from tests.training.resumption.campaign_processes import assert_equal_results, paused_after, start
from tests.training.test_campaign import run
from tests.training.test_train_campaign import SETTINGS, command, inputs, train
from workflow_scripts.core.files import write_json
from workflow_scripts.training.resumption.resume import BoundaryState, read_state, write_state
from workflow_scripts.training.update import learner

__all__ = ["inputs"]  # a fixture
STEPS = 4


@pytest.fixture(scope="module")
def options(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    plan = json.loads((inputs / "plan.json").read_text()) | {"max_steps": STEPS}
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_json(path, plan, schema="plan")
    return {"plan": path, "settings": json.dumps(SETTINGS | {"probe_steps": [0, 2, 4]})}


@pytest.fixture(scope="module")
def undisturbed(inputs: Path, options: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("undisturbed") / "c01"
    done = train(inputs, output, **options)
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(autouse=True)
def a_state_at_every_boundary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so short a campaign; the processes that a test starts are forks of it."""
    monkeypatch.setattr(learner.LocalLearner, "state_every", 1)


@pytest.mark.parametrize("boundary", range(STEPS + 1))
@pytest.mark.parametrize("written", [False, True], ids=["before_writing", "after_writing"])
def test_killed_at_each_step_boundary(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path, boundary: int, written: bool
) -> None:
    def die_at_the_boundary() -> None:
        def write_and_die(path: Path, state: BoundaryState, fingerprint: str) -> None:
            if written or state.step < boundary:
                write_state(path, state, fingerprint)
            if state.step == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

        learner.write_state = write_and_die

    words = command(inputs, tmp_path / "c01", **options)
    process = start(words, prepare=die_at_the_boundary)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    process = start(words)
    process.join()
    assert process.exitcode == 0
    assert_equal_results(tmp_path / "c01", undisturbed)


def test_killed_at_random_instants(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner.LocalLearner, "state_every", 2)
    draws = random.Random(0)
    began = time.monotonic()
    process = start(command(inputs, tmp_path / "timed", **options))
    process.join()
    duration = time.monotonic() - began
    for number in range(3):
        folder = tmp_path / f"c{number}"
        words = command(inputs, folder, **options)
        for _ in range(8):
            process = start(words)
            process.join(draws.uniform(0, duration))
            process.kill()
            process.join()
            assert process.exitcode in (0, -signal.SIGKILL)
        process = start(words)
        process.join()
        assert process.exitcode == 0
        for name in ("trace.json", "end/model.safetensors", "peak/model.safetensors"):
            assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()


def test_every_boundary_leads_to_the_same_outcome() -> None:
    boundaries: list[BoundaryState] = []
    whole = run(keep=lambda state: boundaries.append(copy.deepcopy(state)))
    assert [state.step for state in boundaries] == list(range(len(whole.steps) + 1))
    for state in boundaries:
        resumed = run(resumed=copy.deepcopy(state))
        assert resumed.steps == whole.steps
        assert resumed.probe == whole.probe
        assert resumed.rollouts == whole.rollouts
        for part in ("peak_weights", "end_weights"):
            ours, theirs = getattr(resumed, part), getattr(whole, part)
            assert all(torch.equal(ours[name], theirs[name]) for name in theirs), part


STATE = BoundaryState(
    3, {"a": torch.ones(2)}, {"first.0": torch.zeros(2)}, {"a": torch.full((2,), 0.1)}, {"steps": [{"loss": 0.1}]}
)


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    write_state(tmp_path / "state", STATE, "mine")
    state = read_state(tmp_path / "state", "mine")
    assert state is not None
    assert (state.step, state.records) == (3, STATE.records)
    assert torch.equal(state.peak["a"], STATE.peak["a"])
    assert read_state(tmp_path / "absent", "mine") is None


def test_a_state_of_something_else_is_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_state(tmp_path / "state", STATE, "mine")
    assert read_state(tmp_path / "state", "yours") is None
    assert "other code, settings or inputs" in capsys.readouterr().err


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_state_that_was_damaged_is_not_used(
    damage: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_state(tmp_path / "state", STATE, "mine")
    damage(tmp_path / "state")
    assert read_state(tmp_path / "state", "mine") is None
    assert "not readable" in capsys.readouterr().err


def test_no_bit_of_a_state_can_change_unseen(tmp_path: Path) -> None:
    write_state(tmp_path / "state", STATE, "mine")
    content = (tmp_path / "state").read_bytes()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        (tmp_path / "state").write_bytes(flipped)
        assert read_state(tmp_path / "state", "mine") is None, place


def test_tensors_of_every_kind_come_back(tmp_path: Path) -> None:
    kinds = {
        "half": torch.arange(6, dtype=torch.bfloat16).view(2, 3),
        "number": torch.tensor(0.5),
        "none": torch.zeros(0),
        "whole": torch.arange(3),
    }
    write_state(tmp_path / "state", BoundaryState(1, kinds, {}, {}), "mine")
    state = read_state(tmp_path / "state", "mine")
    assert state is not None
    assert all(torch.equal(state.weights[name], tensor) for name, tensor in kinds.items())


def test_a_campaign_with_a_damaged_state_starts_anew_and_ends_alike(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path
) -> None:
    output, reached, messages = tmp_path / "c01", tmp_path / "reached", tmp_path / "messages"
    words = command(inputs, output, **options)
    process = start(words, prepare=paused_after(2, reached, tmp_path / "never"))
    await_that(reached.exists)
    process.kill()
    process.join()
    state = output / "resume.safetensors"
    content = bytearray(state.read_bytes())
    content[-100] ^= 1
    state.write_bytes(content)
    process = start(words, messages)
    process.join()
    assert process.exitcode == 0
    assert f"{state}: not readable (its SHA-256 is not that of what was written)" in messages.read_text()
    assert "goes on after" not in messages.read_text()
    assert_equal_results(output, undisturbed)


def test_no_room_for_a_state_leaves_the_last_one_whole(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path
) -> None:
    output, messages = tmp_path / "c01", tmp_path / "messages"

    def fill_the_disk_after_two_steps() -> None:
        def write_while_there_is_room(path: Path, state: BoundaryState, fingerprint: str) -> None:
            if state.step == 2:
                size = path.stat().st_size // 2
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            write_state(path, state, fingerprint)

        learner.write_state = write_while_there_is_room

    words = command(inputs, output, **options)
    process = start(words, messages, fill_the_disk_after_two_steps)
    process.join()
    assert process.exitcode == 1
    assert "File too large" in messages.read_text()
    assert sorted(path.name for path in output.iterdir()) == [".lease.json", "resume.safetensors"]
    process = start(words)
    process.join()
    assert process.exitcode == 0
    assert_equal_results(output, undisturbed)
