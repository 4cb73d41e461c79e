"""Sample completions in one batched decode loop with a key-value cache.

Each prompt is encoded once and its cache repeated for the group. Every row's randomness comes from its own seed, so the
order of prompts, a resumed run and the other rows in the batch do not change what is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.models.decoding import IncrementalDecoder
from workflow_scripts.models.qwen2 import Qwen2LM


@dataclass(frozen=True)
class Alternatives:
    """Log-probabilities [N, T, K] of the K most probable tokens at each position, in descending order.

    At the sampling temperature, zero behind the end. They are the distribution's, whatever was drawn from it.
    """

    log_probabilities: Tensor
    vocabulary_size: int


@dataclass(frozen=True)
class Sampled:
    """N = prompts x group_size sampled completions of up to T tokens, the rows of a prompt in sequence.

    T is the limit that was asked for, whether or not a completion reaches it.

    tokens [N, T]: end of text included, zero behind it; lengths [N]; finished [N]: ended by end of text;
    log_probabilities [N, T] and entropies [N, T] (nats, exact over the vocabulary) at the sampling temperature, zero
    behind the end; alternatives: where they were asked for.
    """

    tokens: Tensor
    lengths: Tensor
    finished: Tensor
    log_probabilities: Tensor
    entropies: Tensor
    alternatives: Alternatives | None = None

    @property
    def finite(self) -> bool:
        """Whether the policy had a distribution to sample from at every step."""
        seen = torch.isfinite(self.entropies).all() if self.entropy_known else True
        return bool(torch.isfinite(self.log_probabilities).all() and seen)

    @property
    def entropy_known(self) -> bool:
        """Whether the sampler sees whole distributions; entropies are NaN on all tokens where it does not."""
        return not bool(self.entropies[:, 0].isnan().all())

    def completion(self, row: int) -> list[int]:
        """The tokens of one completion without its end of text."""
        length = int(self.lengths[row]) - int(self.finished[row])
        return self.tokens[row, :length].tolist()


def uniform_draws(seeds: Sequence[int], group_size: int, length: int) -> Tensor:
    """Uniform numbers [len(seeds) x group_size, length] in double precision, a generator per seed."""
    return torch.cat(
        [
            torch.rand(group_size, length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
            for seed in seeds
        ]
    )


def draw(log_probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Token ids [N] by inverse transform from log-probabilities [N, V] and uniform numbers [N]."""
    cumulative = log_probabilities.exp().double().cumsum(dim=-1)
    # Scaled by the row's own total, since a float sum need not reach one.
    thresholds = (uniform * cumulative[:, -1]).unsqueeze(-1)
    return torch.searchsorted(cumulative, thresholds, right=True).squeeze(-1).clamp_(max=log_probabilities.shape[1] - 1)


@torch.inference_mode()
def sample(
    model: Qwen2LM,
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[int],
    group_size: int,
    temperature: float,
    max_tokens: int,
    end_token: int,
    num_alter_tokens: int = 0,
) -> Sampled:
    """Sample ``group_size`` completions for each prompt (token ids), with one seed per prompt.

    ``num_alter_tokens``: record the log-probabilities of so many most probable tokens, at most the vocabulary.
    """
    width, rows = max(map(len, prompts)), len(prompts) * group_size
    padded = torch.tensor([[*prompt, *[end_token] * (width - len(prompt))] for prompt in prompts])
    prompt_lengths = torch.tensor([len(prompt) for prompt in prompts])
    hidden, prompt_cache = model.prefill(padded)
    cache = prompt_cache.repeat(group_size, width + max_tokens)
    logits = model.logits(hidden[torch.arange(len(prompts)), prompt_lengths - 1]).repeat_interleave(group_size, dim=0)
    positions = prompt_lengths.repeat_interleave(group_size)
    # Slots of a row's prompt and of its completion are open to attention, the padding between them is not.
    bias = torch.zeros(rows, width + max_tokens)
    bias[:, :width].masked_fill_(torch.arange(width) >= positions.unsqueeze(1), -torch.inf)
    decoder = IncrementalDecoder(model, width + max_tokens)
    uniform = uniform_draws(seeds, group_size, max_tokens)

    tokens = torch.zeros(rows, max_tokens, dtype=torch.long)
    lengths = torch.full((rows,), max_tokens)
    finished = torch.zeros(rows, dtype=torch.bool)
    chosen_log_probabilities, entropies = torch.zeros(rows, max_tokens), torch.zeros(rows, max_tokens)
    kept_alternatives = min(num_alter_tokens, logits.shape[1])
    alternatives = torch.zeros(rows, max_tokens, kept_alternatives)
    active, live = torch.arange(rows), torch.ones(rows, dtype=torch.bool)
    for step in range(max_tokens):
        log_probabilities = (logits / temperature).log_softmax(dim=-1)
        chosen = draw(log_probabilities, uniform[active, step])
        tokens[active, step] = chosen
        chosen_log_probabilities[active, step] = log_probabilities.gather(1, chosen.unsqueeze(1)).squeeze(1)
        entropies[active, step] = -(log_probabilities.exp() * log_probabilities).sum(dim=-1)
        if kept_alternatives:
            alternatives[active, step] = log_probabilities.topk(kept_alternatives, dim=-1).values
        ends_here = active[live & (chosen == end_token)]
        finished[ends_here], lengths[ends_here] = True, step + 1
        live = live & (chosen != end_token)
        if step + 1 == max_tokens or not bool(live.any()):
            break
        if int(live.sum()) <= len(active) * 3 // 4:
            # Ended rows leave the batch in portions, since each departure copies the cache.
            active, chosen, positions, bias = active[live], chosen[live], positions[live], bias[live]
            cache, live = cache.select(live), live[live]
        logits = decoder.step(chosen, positions, width + step, cache, bias)
        positions = positions + 1
    kept = torch.arange(max_tokens) < lengths.unsqueeze(1)
    asked_for = None
    if kept_alternatives:
        asked_for = Alternatives(alternatives * kept.unsqueeze(-1), logits.shape[1])
    return Sampled(tokens * kept, lengths, finished, chosen_log_probabilities * kept, entropies * kept, asked_for)
