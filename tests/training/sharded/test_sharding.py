"""Two processes that hold half of everything make the step of one process that holds it whole."""

import copy
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.damage import DAMAGES
from tests.makers.scripts import run_in_two_processes
from tests.models.tiny_policies import CONFIGURATIONS, spread
from tests.training.sharded.sharded_process import (
    FINGERPRINT,
    MAX_GRAD_NORM,
    boundary,
    make_optimizer,
    make_row_loss,
    make_rows,
    measure_parts,
    train,
)
from workflow_scripts.core.digests import DIGESTS
from workflow_scripts.models.hugging_face import HuggingFacePolicy, build_policy, load_policy, save_policy
from workflow_scripts.training.sharded.data_parallel import DataParallel, split_rows
from workflow_scripts.training.sharded.sharded_state import read_sharded_state
from workflow_scripts.training.sharded.sharding import gather, load_sharded

torch.set_num_threads(1)

FAMILIES = ("qwen2-tied", "qwen2-untied", "gemma3-capped")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model per family, and what two processes saw that were started as a user starts them."""
    folder = tmp_path_factory.mktemp("sharded")
    for family in FAMILIES:
        save_policy(folder / "models" / family, spread(build_policy(CONFIGURATIONS[family])))
    run_in_two_processes("tests.training.sharded.sharded_process", folder)
    return folder


@pytest.fixture(scope="module")
def seen(folder: Path) -> list[dict[str, Any]]:
    """By process."""
    return [torch.load(folder / f"seen-{rank}-of-2.pt", weights_only=False) for rank in range(2)]


@pytest.fixture(scope="module")
def alone() -> Iterator[DataParallel]:
    """A job of one process: this one."""
    ours = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    before = dict(os.environ)
    os.environ.update(ours)
    processes = DataParallel.join("cpu")
    yield processes
    processes.leave()
    for name in ours:
        os.environ.pop(name)
    os.environ.update(before)


def train_whole(policy: HuggingFacePolicy) -> list[dict[str, float]]:
    """The steps of ``train`` without any of its code: one process, one batch, whole tensors."""
    optimizer, steps = make_optimizer(policy), []
    for count in (7, 1, 0):
        loss = torch.zeros(())
        for parameter in policy.parameters():
            parameter.grad = torch.zeros_like(parameter)
        if count:
            loss = make_row_loss(policy)(make_rows(count))
            loss.backward()
        head = policy.output_weight.grad.norm().item()
        gradients = [parameter.grad for parameter in policy.parameters()]
        norm = math.sqrt(sum(float(gradient.double().square().sum()) for gradient in gradients))
        if norm > MAX_GRAD_NORM:
            torch._foreach_mul_(gradients, MAX_GRAD_NORM / norm)
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm, "lm_head_grad_norm": head})
    return steps


@pytest.mark.parametrize("family", FAMILIES)
def test_each_process_holds_a_part_of_every_weight_and_moment(seen: list, family: str) -> None:
    first, second = (process["scene_update"][family]["parts"] for process in seen)
    assert first.keys() == second.keys()
    for name, (sharded, whole, part, dtype) in first.items():
        assert sharded, name
        assert dtype == "torch.float32"
        assert 0 < part < whole, name
        assert part + second[name][2] == whole, name
    for process, parts in zip(seen, (first, second), strict=True):
        assert process["scene_update"][family]["moments"] == sum(part for _, _, part, _ in parts.values())
    assert all(process["scene_update"][family]["output projection"] == (family != "qwen2-untied") for process in seen)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_dealt_out_and_gathered_is_what_the_folder_holds(folder: Path, seen: list, family: str) -> None:
    policy = load_policy(folder / "models" / family)
    gathered = seen[0]["scene_update"][family]["loaded"]
    assert gathered.keys() == policy.state_dict().keys()
    assert all(torch.equal(gathered[name], weight) for name, weight in policy.state_dict().items())
    assert seen[1]["scene_update"][family]["loaded"] == {}, "full weights are the first process's alone"
    with torch.no_grad():
        expected = policy(torch.tensor([[3, 4, 5, 6, 7, 8, 9]]))
    for process in seen:
        torch.testing.assert_close(process["scene_update"][family]["logits"], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_steps_of_two_processes_are_those_of_one(folder: Path, seen: list, family: str) -> None:
    policy = load_policy(folder / "models" / family)
    before = copy.deepcopy(policy.state_dict())
    expected = train_whole(policy)
    assert seen[0]["scene_update"][family]["steps"] == seen[1]["scene_update"][family]["steps"]
    for step, wanted in zip(seen[0]["scene_update"][family]["steps"], expected, strict=True):
        assert step == pytest.approx(wanted, rel=1e-5, abs=1e-7)
    assert expected[0]["grad_norm"] > MAX_GRAD_NORM, "the gradient is clipped"
    trained = seen[0]["scene_update"][family]["trained"]
    for name, weight in policy.state_dict().items():
        torch.testing.assert_close(trained[name], weight, atol=1e-5, rtol=1e-5, msg=name)
        assert (weight - before[name]).abs().max() > 1e-3, name


def test_a_state_that_was_written_is_read_bit_by_bit_and_goes_on_alike(seen: list) -> None:
    for process in seen:
        scene = process["scene_state"]
        assert (scene["step"], scene["records"]) == (3, {"steps": [1, 2, 3]})
        assert scene["went on"] == scene["went on again"]
        assert scene["of another"] is None
        assert scene["nowhere"] is None
    assert_equal_parts(seen[0]["scene_state"]["read"], seen[0]["scene_state"]["written"])


def assert_equal_parts(read: dict, written: dict) -> None:
    for part, tensors in written.items():
        assert read[part].keys() == tensors.keys()
        assert all(torch.equal(read[part][name], tensor) for name, tensor in tensors.items()), part
    assert {len(tensors) > 30 for tensors in written.values()} == {True}


def test_a_state_of_two_processes_is_read_by_one(folder: Path, seen: list, alone: DataParallel) -> None:
    policy = load_sharded(folder / "models" / "qwen2-tied", alone, compute_dtype="float32")
    optimizer = make_optimizer(policy)
    read = read_sharded_state(folder / "state", FINGERPRINT, boundary(policy, optimizer, step=0), alone)
    assert read is not None
    assert all(sharded and part == whole for sharded, whole, part, _ in measure_parts(policy).values())
    found = {part: gather(getattr(read, part), alone) for part in ("weights", "optimizer", "peak")}
    assert_equal_parts(found, seen[0]["scene_state"]["written"])
    policy.load_state_dict(read.weights)
    optimizer.load(read.optimizer)
    for step, wanted in zip(train(policy, optimizer, alone), seen[0]["scene_state"]["went on"], strict=True):
        assert step == pytest.approx(wanted, rel=1e-5, abs=1e-7)


def test_a_state_that_was_damaged_is_not_gone_on_from(
    folder: Path, alone: DataParallel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = load_sharded(folder / "models" / "qwen2-tied", alone, compute_dtype="float32")
    like = boundary(policy, make_optimizer(policy))
    for number, name in enumerate((".metadata", "__0_0.distcp", "__1_0.distcp", "records.json", DIGESTS)):
        for kind, damage in DAMAGES.items():
            place = Path(shutil.copytree(folder / "state", tmp_path / f"{kind}{number}"))
            damage(place / name)
            capsys.readouterr()
            assert read_sharded_state(place, FINGERPRINT, like, alone) is None, (name, kind)
            said = capsys.readouterr().err
            assert "; the campaign starts at its first step\n" in said
            assert kind != "cut" or "not readable" in said
    place = Path(shutil.copytree(folder / "state", tmp_path / "of an earlier version"))
    (place / DIGESTS).unlink()
    assert read_sharded_state(place, FINGERPRINT, like, alone) is None
    assert "not readable (it has no checkpoint.sha256)" in capsys.readouterr().err


def test_a_failure_in_one_process_is_one_in_all_and_changes_nothing(folder: Path, seen: list) -> None:
    first, second = (process["scene_failures"] for process in seen)
    assert first["errors"] == second["errors"]
    assert first["errors"]["loss"] == "non_finite_loss"
    assert "a file" in first["errors"]["folder"]
    assert "File too large" in first["errors"]["disk"], "it met the second process alone"
    assert first["errors"]["source"].startswith(f"{folder}/nowhere: no model that can be loaded")
    assert all(torch.equal(weight, first["after"][name]) for name, weight in first["before"].items())
    assert first["kept"], "the state that was there before"
    assert not list(folder.glob(".*"))


def test_layers_compute_in_half_precision_and_run_again_in_the_backward_pass(seen: list) -> None:
    exact = seen[0]["scene_update"]["qwen2-tied"]["steps"]
    for rank, process in enumerate(seen):
        scene = process["scene_half_precision"]
        assert scene["kept in"] == ["torch.float32"]
        passes = sum(len(split_rows([len(t) for t in make_rows(n).tokens], 2, 20)[rank]) for n in (7, 1))
        assert scene["computed in"] == ["torch.bfloat16"] * 2 * passes
        for step, wanted in zip(scene["steps"], exact, strict=True):
            assert step["loss"] == pytest.approx(wanted["loss"], rel=0.05)
            assert math.isfinite(step["grad_norm"])
        assert scene["steps"][0] != exact[0]


def test_what_was_shared_out_comes_back_in_order(seen: list) -> None:
    assert [process["scene_exchange"]["mine"] for process in seen] == [
        ["completion 0", "completion 2", "completion 4"],
        ["completion 1", "completion 3"],
    ]
    assert all(p["scene_exchange"]["united"] == [f"COMPLETION {number}" for number in range(5)] for p in seen)
