"""Two training processes on a CPU (torchrun, gloo): an engine in each, and one engine over both."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.training.samplers.vllm_policies import PROMPTS, SEEDS, make_policy, sampler_over, save_policy
from workflow_scripts.training.samplers.greedy_probe import score_by

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_policy(make_policy(5, num_key_value_heads=2), tmp_path_factory.mktemp("policy") / "model")


@pytest.fixture(scope="module")
def alone(folder: Path) -> torch.Tensor:
    """What one process draws after the same sync."""
    policy = make_policy(6, num_key_value_heads=2)
    with sampler_over(folder, score_by(policy)) as sampler:
        sampler.synchronise(policy.state_dict())
        return sampler.sample(PROMPTS, SEEDS, 6, 0.7, 24, (0,)).tokens


def run_two(folder: Path, tensor_parallel: int, output: Path) -> list[torch.Tensor]:
    script = [str(ROOT / "tests/training/samplers/vllm_processes.py"), str(folder), str(tensor_parallel), str(output)]
    result = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    return [torch.load(output / f"{rank}.pt") for rank in range(2)]


def test_each_process_samples_its_own_share(folder: Path, alone: torch.Tensor, tmp_path: Path) -> None:
    first, second = run_two(folder, 1, tmp_path)
    assert torch.equal(first, alone[:6])
    assert torch.equal(second, torch.cat((alone[6:12], alone[6:12])))


def test_one_engine_over_two_processes_gives_both_the_same(folder: Path, alone: torch.Tensor, tmp_path: Path) -> None:
    first, second = run_two(folder, 2, tmp_path)
    assert torch.equal(first, second)
    assert torch.equal(first, alone)
