"""The formula for memory and time: against the models themselves, against sums by hand, and in its directions."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.benchmarks.gpu_training import configuration
from workflow_scripts.core.errors import UserError
from workflow_scripts.cost.cost_estimate import PAPER, ROLES, Assumptions, Placement, memory, seconds, table
from workflow_scripts.cost.hardware import accelerator
from workflow_scripts.cost.model_shapes import SHAPES
from workflow_scripts.models.hugging_face import build_policy

H100, H200 = accelerator("NVIDIA H100 80GB HBM3"), accelerator("NVIDIA H200")
TINY, SEVEN = SHAPES["tiny"], SHAPES["Qwen2.5-7B"]


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_are_those_of_the_model(name: str) -> None:
    with torch.device("meta"):
        policy = build_policy(configuration(SHAPES[name]))
    assert sum(parameter.numel() for parameter in policy.parameters()) == SHAPES[name].parameters


def test_published_sizes() -> None:
    sizes = {name: round(SHAPES[name].parameters / 1e9, 1) for name in ROLES}
    assert sizes == {"Qwen2.5-3B": 3.1, "Qwen2.5-7B": 7.6, "Qwen2.5-32B": 32.8, "gemma-3-4b": 3.9}


def test_operations_are_those_that_torch_counts() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    policy, tokens = build_policy(configuration(TINY)), 64
    # Attention in plain products of matrices, which torch can count; they compute the masked half as well.
    policy.network.set_attn_implementation("eager")
    with FlopCounterMode(display=False) as counter:
        policy(torch.ones(1, tokens, dtype=torch.long)).sum().backward()
    masked_half = 3 * TINY.layers * tokens * 4 * TINY.heads * TINY.head_dim * tokens / 2
    assert counter.get_total_flops() == pytest.approx(TINY.training_flops(tokens, tokens) + masked_half, rel=1e-3)


def test_a_window_bounds_what_a_token_attends_to() -> None:
    gemma = SHAPES["gemma-3-4b"]
    assert gemma.mean_context(800) == 400
    local = sum(min(position, 1024) for position in range(4096)) / 4096
    assert gemma.mean_context(4096) == pytest.approx(2048 / 6 + local * 5 / 6, rel=1e-3)
    assert SEVEN.mean_context(4096) == 2048


def test_memory_is_the_sum_by_hand() -> None:
    held = memory(SEVEN, PAPER, Placement(H100, gpus=8, gpus_per_engine=1))
    assert held.sharded == pytest.approx(18 * 7.6156e9 / 8, rel=1e-4)
    assert held.logits == pytest.approx(18 * 8192 / 2 * 152064)
    assert held.engine == pytest.approx(2 * 7.6156e9 + 2 * 1324 * 57344, rel=1e-4)
    assert held.gpu == held.training + held.engine
    assert held.host == pytest.approx(12 * 7.6156e9, rel=1e-4)


def test_seconds_are_the_sum_by_hand() -> None:
    spent = seconds(SEVEN, PAPER, Placement(H200, gpus=1, gpus_per_engine=1), Assumptions())
    forward = 16 * (600 * 2 * 6.525e9 + 300 * 2 * 152064 * 3584)
    assert spent.update == pytest.approx(4 * forward / (0.35 * 989e12), rel=0.02)
    assert spent.reference == pytest.approx(spent.update / 4)
    assert spent.synchronisation == 0
    read = (2 * 7.6156e9 + 16 * 450 * 57344) / (0.6 * 4.8e12)
    assert spent.sampling == pytest.approx(1024 * (read + 0.004), rel=1e-4)
    assert spent.campaign(20) == pytest.approx(spent.start + spent.checkpoints + 20 * spent.step)


def test_costs_move_the_way_they_must() -> None:
    place, assumed = Placement(H100, 8, 1), Assumptions()
    usual = seconds(SEVEN, PAPER, place, assumed)
    assert seconds(SEVEN, PAPER, replace(place, hardware=H200), assumed).sampling < usual.sampling
    many = replace(PAPER, prompts_per_step=256)
    assert seconds(SEVEN, many, place, assumed).update > 10 * usual.update
    assert seconds(SEVEN, many, replace(place, gpus=4), assumed).update == pytest.approx(
        2 * seconds(SEVEN, many, place, assumed).update, rel=0.01
    )
    assert seconds(SEVEN, replace(PAPER, state_every=1), place, assumed).step > usual.step + 50
    assert memory(SEVEN, PAPER, replace(place, gpus=16)).sharded == memory(SEVEN, PAPER, place).sharded / 2
    assert memory(SEVEN, many, place).activations < 4 * memory(SEVEN, PAPER, place).activations


def test_the_documentation_shows_what_the_formula_gives() -> None:
    text = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text(encoding="utf-8")
    assert table(H100, 8, PAPER, Assumptions()) in text


def test_hardware_without_known_rates_is_named() -> None:
    with pytest.raises(UserError, match="accelerator 'Radeon VII': no peak rates are known; known: GB200, B200, H200"):
        accelerator("Radeon VII")
    assert accelerator("NVIDIA GB200").flops == 2.5e15
    assert H200.floor_seconds(989e12, 1.0) == 1.0
    assert H200.floor_seconds(1.0, 9.6e12) == 2.0
