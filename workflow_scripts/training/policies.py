"""Which policy a model's folder holds, and what samples from it where no engine of its own does."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file
from torch import Tensor

from workflow_scripts.models.descriptions import read_configuration
from workflow_scripts.models.qwen2 import Qwen2LM, load_model, refusal, weights_file
from workflow_scripts.training.samplers.decode_loop import DecodeLoopSampler
from workflow_scripts.training.samplers.protocol import Sampler


class Scorer(Protocol):
    """A policy as far as it gives the log-probabilities of completions."""

    def completion_hidden(self, tokens: Sequence[Sequence[int]], prompt_lengths: Sequence[int]) -> Tensor:
        """Final hidden states [K, hidden] that predict the K completion tokens of these rows, row by row."""
        ...

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of hidden states [..., hidden]."""
        ...


class Policy(Scorer, Protocol):
    """What a campaign asks of the model that it trains."""

    @property
    def output_weight(self) -> Tensor:
        """The output projection [V, hidden]."""
        ...

    def hidden(self, ids: Tensor) -> Tensor:
        """Final hidden states [B, L, hidden] of right-padded ``ids`` [B, L]."""
        ...

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """Every trained tensor, once."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """The weights under the names of the Hugging Face checkpoint, tied ones once."""
        ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> Any:
        """Take over such weights."""
        ...


def load(folder: Path) -> Policy:
    """The policy in a Hugging Face folder: the project's own decoder where it is the one described, else transformers'.

    The own one starts in a second less and samples twice as fast at tiny size (docs/decisions.md). Raises UserError
    for a folder without a readable configuration.
    """
    if refusal(read_configuration(folder)) is None:
        return load_model(folder)
    # Imported here: transformers takes 2 s to import, a tiny campaign 6 s to run.
    from workflow_scripts.models.hugging_face import load_policy

    return load_policy(folder)


class StoredPolicy:
    """A policy whose weights stay in its folder's file: they take memory only while it computes."""

    def __init__(self, policy: Qwen2LM, folder: Path) -> None:
        """``policy``: what is in ``folder``; it is left alone."""
        self.policy, self._file = copy.deepcopy(policy).requires_grad_(False), weights_file(folder)
        self._let_go()

    def completion_hidden(self, tokens: Sequence[Sequence[int]], prompt_lengths: Sequence[int]) -> Tensor:
        with self._weights():
            return self.policy.completion_hidden(tokens, prompt_lengths)

    def logits(self, hidden: Tensor) -> Tensor:
        with self._weights():
            return self.policy.logits(hidden)

    @contextmanager
    def _weights(self) -> Iterator[None]:
        stored = load_file(self._file)  # mapped: read where it is touched, and shared between processes
        for name, parameter in self.policy.named_parameters():
            parameter.data = stored[name].float()
        try:
            yield
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for parameter in self.policy.parameters():
            parameter.data = torch.empty(0)


def sampler_for(policy: Policy) -> Sampler:
    """A sampler in this process that shares the policy's weights."""
    if isinstance(policy, Qwen2LM):
        return DecodeLoopSampler(policy)
    from workflow_scripts.models.hugging_face import HuggingFacePolicy
    from workflow_scripts.training.samplers.cached_sampling import CachedSampler

    assert isinstance(policy, HuggingFacePolicy)
    return CachedSampler(policy)
