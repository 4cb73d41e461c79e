"""Sample completions in one batched decode loop with a key-value cache.

Each prompt is encoded once, and so is each prefix that samples have in common: the cache holds a row for every distinct
one. Every sample's randomness comes from its own seed, so the order of prompts, a resumed run and the other samples in
the batch do not change what is drawn.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.models.decoding import IncrementalDecoder
from workflow_scripts.models.qwen2 import KeyValueCache, Qwen2LM
from workflow_scripts.training.samplers.prefixes import Prefixes

# So few that what they compute stays in a processor's cache, and so alike in length that little of it is padding.
_PROMPTS_AT_A_TIME = 25


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

    tokens [N, T]: an end token included, zero behind it; lengths [N]; finished [N]: ended by such a token;
    log_probabilities [N, T] and entropies [N, T] (nats, exact over the vocabulary) at the sampling temperature, zero
    behind the end; alternatives: where they were asked for.
    """

    tokens: Tensor
    lengths: Tensor
    finished: Tensor
    log_probabilities: Tensor
    entropies: Tensor
    alternatives: Alternatives | None = None

    @classmethod
    def together(cls, parts: Sequence["Sampled"]) -> "Sampled":
        """The rows of several calls with one limit, in sequence."""
        first = parts[0]
        if len(parts) == 1:
            return first
        asked_for = None
        if first.alternatives is not None:
            found = [part.alternatives.log_probabilities for part in parts if part.alternatives is not None]
            asked_for = Alternatives(torch.cat(found), first.alternatives.vocabulary_size)
        names = ("tokens", "lengths", "finished", "log_probabilities", "entropies")
        tensors = {name: torch.cat([getattr(part, name) for part in parts]) for name in names}
        return cls(**tensors, alternatives=asked_for)

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
        """The tokens of one completion without the one that ended it."""
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


def draw(cumulative: Tensor, uniform: Tensor) -> Tensor:
    """Token ids [N] by inverse transform from cumulative probabilities [N, V] and uniform numbers [N], in doubles."""
    # Scaled by the row's own total, since a float sum need not reach one.
    thresholds = (uniform * cumulative[:, -1]).unsqueeze(-1)
    return torch.searchsorted(cumulative, thresholds, right=True).squeeze(-1).clamp_(max=cumulative.shape[1] - 1)


def end_mask(end_tokens: Collection[int], vocabulary_size: int) -> Tensor:
    """Whether each token [V] ends a completion; a folder may name some that its model does not have."""
    mask = torch.zeros(vocabulary_size, dtype=torch.bool)
    mask[[token for token in end_tokens if token < vocabulary_size]] = True
    return mask


def encode(model: Qwen2LM, prompts: Sequence[Sequence[int]], cache: KeyValueCache) -> Tensor:
    """Logits [len(prompts), V] behind each prompt, whose keys and values go to the cache's row of its number."""
    logits = torch.empty(len(prompts), model.shape.vocab_size)
    by_length = sorted(range(len(prompts)), key=lambda number: len(prompts[number]))
    for begin in range(0, len(prompts), _PROMPTS_AT_A_TIME):
        numbers = by_length[begin : begin + _PROMPTS_AT_A_TIME]
        longest = len(prompts[numbers[-1]])
        ids = torch.tensor([[*prompts[number], *[0] * (longest - len(prompts[number]))] for number in numbers])
        hidden, part = model.prefill(ids)
        cache.put(numbers, part)
        last = torch.tensor([len(prompts[number]) - 1 for number in numbers])
        logits[numbers] = model.logits(hidden[torch.arange(len(numbers)), last])
    return logits


@torch.inference_mode()
def sample(
    model: Qwen2LM,
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[int],
    group_size: int,
    temperature: float,
    max_tokens: int,
    end_tokens: Collection[int],
    num_alter_tokens: int = 0,
) -> Sampled:
    """Sample ``group_size`` completions for each prompt (token ids), with one seed per prompt.

    ``end_tokens``: each of them ends a completion, as its last token.
    ``num_alter_tokens``: record the log-probabilities of so many most probable tokens, at most the vocabulary.
    """
    width, rows = max(map(len, prompts)), len(prompts) * group_size
    cache = KeyValueCache.empty(model.shape, rows, width + max_tokens)
    logits = encode(model, prompts, cache)
    # Of each row of the cache: its prompt is open to attention, the padding behind that is not.
    positions = torch.tensor([len(prompt) for prompt in prompts])
    bias = torch.zeros(len(prompts), width + max_tokens)
    bias[:, :width].masked_fill_(torch.arange(width) >= positions.unsqueeze(1), -torch.inf)
    decoder, prefixes = IncrementalDecoder(model, width + max_tokens), Prefixes(len(prompts), group_size)
    uniform = uniform_draws(seeds, group_size, max_tokens)

    tokens = torch.zeros(rows, max_tokens, dtype=torch.long)
    lengths = torch.full((rows,), max_tokens)
    finished = torch.zeros(rows, dtype=torch.bool)
    chosen_log_probabilities, entropies = torch.zeros(rows, max_tokens), torch.zeros(rows, max_tokens)
    kept_alternatives = min(num_alter_tokens, logits.shape[1])
    alternatives = torch.zeros(rows, max_tokens, kept_alternatives)
    active, ends = torch.arange(rows), end_mask(end_tokens, logits.shape[1])
    for step in range(max_tokens):
        slots = torch.tensor(prefixes.slots)
        log_probabilities = (logits / temperature).log_softmax(dim=-1)
        probabilities = log_probabilities.exp()
        chosen = draw(probabilities.cumsum(dim=-1, dtype=torch.float64)[slots], uniform[active, step])
        tokens[active, step] = chosen
        chosen_log_probabilities[active, step] = log_probabilities[slots, chosen]
        entropies[active, step] = -(log_probabilities * probabilities).sum(dim=-1)[slots]
        if kept_alternatives:
            alternatives[active, step] = log_probabilities.topk(kept_alternatives, dim=-1).values[slots]
        live = ~ends[chosen]
        ends_here = active[~live]
        finished[ends_here], lengths[ends_here] = True, step + 1
        active = active[live]
        if step + 1 == max_tokens or not len(active):
            break
        growth = prefixes.grow(chosen.tolist(), live.tolist())
        if growth.sources or prefixes.count < len(positions):
            places = torch.arange(prefixes.count)
            places[growth.targets] = torch.tensor(growth.sources, dtype=torch.long)
            positions, bias = positions[places], bias[places]
            cache.copy(growth.sources, growth.targets, width + step)
        logits = decoder.step(torch.tensor(growth.tokens), positions, width + step, cache, bias)
        positions = positions + 1
    kept = torch.arange(max_tokens) < lengths.unsqueeze(1)
    asked_for = None
    if kept_alternatives:
        asked_for = Alternatives(alternatives * kept.unsqueeze(-1), logits.shape[1])
    return Sampled(tokens * kept, lengths, finished, chosen_log_probabilities * kept, entropies * kept, asked_for)
