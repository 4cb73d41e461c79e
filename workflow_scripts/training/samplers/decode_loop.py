"""The sampler of the tiny testbed: the project's own decode loop, in the trainer's process and over its weights."""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from workflow_scripts.core.freed_memory import give_back_memory
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.samplers.sampling import Sampled, sample


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
        found = sample(self._model, prompts, seeds, group_size, temperature, max_tokens, end_tokens, num_alter_tokens)
        give_back_memory(sum(parameter.numel() for parameter in self._model.parameters()))
        return found

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
