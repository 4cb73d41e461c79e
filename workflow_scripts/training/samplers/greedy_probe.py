"""The probe after each synchronisation: does the sampler give a fixed prompt the trainer's log-probabilities?"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.training.samplers.protocol import SamplerOutOfStep, Score


class Policy(Protocol):
    """The part of a policy that scores tokens: hidden states [B, L, H] of ids [B, L], and their logits [..., V]."""

    def parameters(self) -> Iterator[Tensor]: ...

    def hidden(self, ids: Tensor) -> Tensor: ...

    def logits(self, hidden: Tensor) -> Tensor: ...


def score_by(policy: Policy) -> Score:
    """The policy's log-probabilities after each token of a completion, by one forward pass, as the weights then are."""

    @torch.no_grad()
    def score(prompt: Sequence[int], tokens: Sequence[int]) -> Tensor:
        ids = torch.tensor([[*prompt, *tokens]], device=next(policy.parameters()).device)
        return policy.logits(policy.hidden(ids)[0, len(prompt) - 1 : -1]).float().log_softmax(dim=-1)

    return score


def probe_prompt(vocabulary: int, length: int) -> list[int]:
    """Fixed token ids [length]; drawn evenly, since a policy is the less sure of what follows the odder it is."""
    generator = torch.Generator().manual_seed(derive_seed("probe prompt"))
    return torch.randint(vocabulary, (length,), generator=generator).tolist()


def check_in_step(found: Tensor, ids: Tensor, expected: Tensor, tolerance: float) -> float:
    """The largest difference in nats between the sampler's log-probabilities and the trainer's.

    ``found`` [T, 1 + K]: the sampler's, of the tokens ``ids`` [T, 1 + K] (chosen, and the K likeliest: a policy that
    is sure of itself gives each chosen token about 0, whatever its weights); ``expected`` [T, V]: the trainer's. Above
    ``tolerance``, or where one side alone is not finite, it is a ``SamplerOutOfStep`` with the numbers. A policy that
    is finite on neither side passes: its samples say so themselves, and end the campaign with that status.
    """
    expected = expected.cpu().gather(1, ids)
    if not bool(torch.isfinite(expected).any() or torch.isfinite(found).any()):
        return 0.0
    difference = (found - expected).abs()
    place = divmod(int(difference.nan_to_num(torch.inf).argmax()), ids.shape[1])
    worst = difference[place].item()
    if not worst <= tolerance:
        raise SamplerOutOfStep(
            f"the sampler is out of step with the trained policy: at token {place[0] + 1} of {len(ids)} of the greedy "
            f"probe, token id {int(ids[place])} has log-probability {found[place].item():.6f} in the sampler and "
            f"{expected[place].item():.6f} in the trainer, a difference of {worst:.2g} nats; probe_tolerance allows "
            f"{tolerance:g}. Chosen tokens, sampler: {_shown(found)}; trainer: {_shown(expected)}"
        )
    return worst


def _shown(values: Tensor) -> str:
    return ", ".join(f"{value:.4f}" for value in values[:, 0].tolist())
