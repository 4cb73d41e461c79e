"""The distinct rows of a batch of rollouts, and the policy's log-probabilities of them.

Rows with equal prompt and completion are computed once and carry their number and summed advantage; what distinct rows
have in common is the policy's business (``Policy.completion_hidden``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.training.policies import Scorer
from workflow_scripts.training.rollouts import Rollouts


@dataclass(frozen=True)
class DistinctRows:
    """R distinct (prompt, completion) rows of a batch of N: tokens, first place, number of equals, summed advantage."""

    tokens: list[list[int]]
    prompt_lengths: list[int]
    places: Tensor
    counts: Tensor
    advantages: Tensor

    def select(self, keep: Tensor) -> "DistinctRows":
        """The rows where ``keep`` [R] is true."""
        indices = keep.nonzero().flatten().tolist()
        return DistinctRows(
            [self.tokens[i] for i in indices],
            [self.prompt_lengths[i] for i in indices],
            self.places[indices],
            self.counts[indices],
            self.advantages[indices],
        )

    def divide(self, tokens: int) -> Iterator["DistinctRows"]:
        """All rows, in order and in parts; a part's completions have up to so many tokens, or it is a single row."""
        part, held = 0, 0.0
        parts: list[int] = []
        for length in self.lengths.tolist():
            held += length
            if held > tokens:
                part, held = part + 1, length
            parts.append(part)
        for number in sorted(set(parts)):
            yield self.select(torch.tensor(parts) == number)

    @property
    def lengths(self) -> Tensor:
        """Tokens of each completion [R], end of text included."""
        pairs = zip(self.tokens, self.prompt_lengths, strict=True)
        return torch.tensor([float(len(tokens) - prompt) for tokens, prompt in pairs])


def merge_equal_rows(rollouts: Rollouts, advantage: Tensor, with_ratio: bool = False) -> DistinctRows:
    """The distinct rows of the rollouts; ``advantage`` [P, G].

    A loss that is linear in the advantage is that of the sums. ``with_ratio``: the loss depends on the sampler's
    log-probabilities and on the advantage's sign as well, so that rows which differ there are not equal.
    """
    group = advantage.shape[1]
    index: dict[tuple[int, tuple[int, ...], tuple[float, ...]], int] = {}
    places: list[int] = []
    counts: list[float] = []
    sums: list[float] = []
    sampled = zip(rollouts.sampled.tokens.tolist(), rollouts.sampled.lengths.tolist(), strict=True)
    for row, (value, (tokens, length)) in enumerate(zip(advantage.flatten().tolist(), sampled, strict=True)):
        own = (value, *rollouts.sampled.log_probabilities[row, :length].tolist()) if with_ratio else ()
        key = (row // group, tuple(tokens[:length]), own)
        distinct = index.setdefault(key, len(index))
        if distinct == len(places):
            places.append(row)
            counts.append(0.0)
            sums.append(0.0)
        counts[distinct] += 1
        sums[distinct] += value
    prompts = [rollouts.prompts[problem] for problem, _, _ in index]
    return DistinctRows(
        [[*prompt, *completion] for prompt, (_, completion, _) in zip(prompts, index, strict=True)],
        [len(prompt) for prompt in prompts],
        torch.tensor(places),
        torch.tensor(counts),
        torch.tensor(sums),
    )


def completion_logits(model: Scorer, rows: DistinctRows, temperature: float) -> tuple[Tensor, Tensor, Tensor]:
    """Logits [K, V] over ``temperature`` at the K tokens of the completions, these tokens [K] and their mask [R, T]."""
    lengths = rows.lengths
    mask = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
    pairs = zip(rows.tokens, rows.prompt_lengths, strict=True)
    targets = torch.tensor([token for tokens, prompt in pairs for token in tokens[prompt:]])
    hidden = model.completion_hidden(rows.tokens, rows.prompt_lengths)
    return model.logits(hidden).div_(temperature), targets.to(hidden.device), mask.to(hidden.device)


def at_tokens(values: Tensor, mask: Tensor) -> Tensor:
    """Values [K] of the tokens of the completions at their places [R, T], zero elsewhere."""
    return values.new_zeros(mask.shape).masked_scatter(mask, values)


def completion_log_probabilities(model: Scorer, rows: DistinctRows, temperature: float) -> tuple[Tensor, Tensor]:
    """Log-probabilities [R, T] of the completions' tokens at ``temperature`` and their mask [R, T]."""
    logits, targets, mask = completion_logits(model, rows, temperature)
    return at_tokens(-F.cross_entropy(logits, targets, reduction="none"), mask), mask
