"""A policy that two processes hold in halves learns as the whole one does, under every rule."""

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.makers.scripts import run_in_two_processes
from tests.models.tiny_policies import qwen2_config, spread
from tests.training.sharded.sharded_learning import CASES, learn, settings_of
from workflow_scripts.models.hugging_face import build_policy, load_policy, save_policy
from workflow_scripts.training.update.learner import LocalLearner

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sharded")
    save_policy(folder / "model", spread(build_policy(qwen2_config())))
    run_in_two_processes("tests.training.sharded.sharded_learning", folder)
    return folder


@pytest.fixture(scope="module")
def seen(folder: Path) -> list[dict[str, Any]]:
    """By process."""
    return [torch.load(folder / f"learned-{rank}.pt", weights_only=False) for rank in range(2)]


@pytest.mark.parametrize(("rule", "kl_coefficient"), CASES)
def test_steps_and_weights_are_those_of_one_process(
    folder: Path, seen: list[dict[str, Any]], rule: str, kl_coefficient: float
) -> None:
    model = load_policy(folder / "model")
    steps = learn(LocalLearner(model, settings_of(rule)), model, kl_coefficient)
    case = f"{rule} {kl_coefficient}"
    assert seen[0][case][0] == seen[1][case][0], "every process has the same record"
    for ours, theirs in zip(seen[0][case][0], steps, strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            assert ours[name] == (value if value is None else pytest.approx(value, rel=1e-4, abs=1e-5)), name
    assert seen[1][case][1] == {}, "the first process alone puts weights together"
    whole = model.state_dict()
    assert seen[0][case][1].keys() == whole.keys()
    for name, weight in seen[0][case][1].items():
        torch.testing.assert_close(weight, whole[name], atol=2e-4, rtol=0)


def test_a_sampler_gets_whole_weights_in_every_process(seen: list[dict[str, Any]]) -> None:
    last = seen[0][" ".join(map(str, CASES[-1]))][1]
    for process in seen:
        assert process["finite"]
        assert process["whole"].keys() == last.keys()
        assert all(torch.equal(weight, last[name]) for name, weight in process["whole"].items())


def test_a_state_of_every_second_boundary_is_gone_back_to(folder: Path, seen: list[dict[str, Any]]) -> None:
    first = seen[0]
    assert first["nothing"] is None
    assert first["went back to"] == 2
    assert all(torch.equal(weight, first["went on"][name]) for name, weight in first["went on again"].items())
    saved = load_policy(folder / "checkpoint").state_dict()
    assert all(torch.equal(weight, first["went on"][name]) for name, weight in saved.items())


def test_what_is_not_finite_moves_nothing_and_is_known_everywhere(seen: list[dict[str, Any]]) -> None:
    first, second = seen
    assert first["error"] == second["error"] == "non_finite_loss"
    assert all(torch.equal(weight, first["before"][name]) for name, weight in first["after"].items())
    assert not first["still finite"]
    assert not second["still finite"]
