"""Run by torchrun in each of two processes: an engine beside the trainer's own process group.

Arguments: the model's folder, the tensor-parallel size, and the folder for each process's samples.
"""

import sys
from pathlib import Path

import torch
import torch.distributed as dist

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.makers.settings import changed
from tests.training.samplers.vllm_policies import (
    ENGINE,
    PROMPTS,
    SEEDS,
    check_against,
    draw,
    make_policy,
    sampler_over,
)
from workflow_scripts.models.qwen2 import load_model
from workflow_scripts.training.samplers.greedy_probe import score_by


def main() -> None:
    folder, tensor_parallel, output = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    dist.init_process_group("gloo")
    model = load_model(folder)
    settings = changed(ENGINE, tensor_parallel_size=tensor_parallel)
    with sampler_over(folder, score_by(model), settings) as sampler:
        model.load_state_dict(make_policy(6, num_key_value_heads=2).state_dict())
        sampler.synchronise(model.state_dict())
        if tensor_parallel == 1:
            # Each engine by itself: the second process samples alone, and twice as much.
            mine = [dist.get_rank()] * (1 + dist.get_rank())
            sampled = sampler.sample([PROMPTS[row] for row in mine], [SEEDS[row] for row in mine], 6, 0.7, 24, (0,))
        else:
            sampled = draw(sampler, [0, 1, 2, 3])
            check_against(model, sampled)
    # The trainer's process group outlives the engine.
    total = torch.ones(1)
    dist.all_reduce(total)
    assert total.item() == dist.get_world_size() == 2
    torch.save(sampled.tokens, output / f"{dist.get_rank()}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
