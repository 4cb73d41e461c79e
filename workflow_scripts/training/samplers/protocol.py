"""What a campaign asks of whatever draws its completions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from torch import Tensor

from workflow_scripts.training.samplers.sampling import Sampled

Score = Callable[[Sequence[int], Sequence[int]], Tensor]
"""The trainer's log-probabilities [T, V] (nats, temperature 1) of T tokens (second argument) after a prompt (first)."""


class SamplerOutOfStep(RuntimeError):
    """The sampler does not sample from the policy that is trained; rollouts from it would be off-policy, unseen."""


class Sampler(Protocol):
    """Draws completions from its copy of the policy, which ``synchronise`` brings up to date.

    What is drawn for a prompt depends on the policy, the prompt and the prompt's seed, and not on the other prompts,
    their order or earlier calls.
    """

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
        """``group_size`` completions of up to ``max_tokens`` tokens for each prompt (token ids), one seed per prompt.

        ``end_tokens``: each of them ends a completion, as its last token.
        ``num_alter_tokens``: record the log-probabilities of so many most probable tokens, at most the vocabulary.
        Entropies are NaN on all tokens where the sampler does not see whole distributions.
        """
        ...

    def synchronise(self, weights: Mapping[str, Tensor]) -> None:
        """Sample from these weights (names as in the Hugging Face checkpoint) from now on.

        Raises ``SamplerOutOfStep`` where the sampler then still does not give the trainer's log-probabilities.
        """
        ...

    def close(self) -> None:
        """Give back processes and memory; nothing can be sampled afterwards."""
        ...
