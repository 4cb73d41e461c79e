"""The sampler of the tiny testbed: the project's own decode loop, in the trainer's process and over its weights."""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from workflow_scripts.core.freed_memory import give_back_memory
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.samplers.sampling import Sampled, sample

# Keys and values of so many prompts are held as make up 0.5 GB: 5 prompts x 16 samples x 150 tokens at 30 layers of 3
# key heads. All that the tiny models sample at a time is below it.
CACHED_AT_A_TIME = 1 << 27


class DecodeLoopSampler:
    """Samples from ``model`` itself: where that is the trained module, there is nothing to carry over or to probe."""

    def __init__(self, model: Qwen2LM) -> None:
        self._model = model

    def sample(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        group_size: int,
        temperature: float,
        max_tokens: int,
        end_tokens: Collection[int],
        num_alter_tokens: int = 0,
    ) -> Sampled:
        prompt = group_size * (max(map(len, prompts)) + max_tokens) * self._model.shape.cached_per_token
        at_a_time = max(1, CACHED_AT_A_TIME // prompt)
        parts = []
        for begin in range(0, len(prompts), at_a_time):
            part = slice(begin, begin + at_a_time)
            parts.append(
                sample(
                    self._model, prompts[part], seeds[part], group_size,
                    temperature, max_tokens, end_tokens, num_alter_tokens,
                )
            )  # fmt: skip
            give_back_memory(sum(parameter.numel() for parameter in self._model.parameters()))
        return Sampled.together(parts)

    @torch.no_grad()
    def synchronise(self, weights: Mapping[str, Tensor]) -> None:
        """Copy what is not the model's own tensor; a name that only one side knows is a ``KeyError``."""
        own = self._model.state_dict()
        if own.keys() != weights.keys():
            raise KeyError(f"weights of another model: {', '.join(sorted(own.keys() ^ weights.keys()))}")
        for name, tensor in own.items():
            if tensor.data_ptr() != weights[name].data_ptr():
                tensor.copy_(weights[name])

    def close(self) -> None:
        """Nothing is held."""
