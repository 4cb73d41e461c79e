"""What every sampler must do, held against what it sampled."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workflow_scripts.training.samplers.sampling import Sampled


@torch.no_grad()
def distribution(
    forward: Callable[[Tensor], Tensor], prompt: Sequence[int], tokens: Sequence[int], temperature: float
) -> Tensor:
    """Log-probabilities [T, V] at ``temperature`` wherever one of the T tokens was drawn."""
    logits = forward(torch.tensor([[*prompt, *tokens]]))[0, len(prompt) - 1 : -1]
    return (logits.double() / temperature).log_softmax(-1)


def assert_scored_by(
    forward: Callable[[Tensor], Tensor],
    prompts: Sequence[Sequence[int]],
    sampled: Sampled,
    temperature: float,
    atol: float = 1e-5,
    rtol: float = 1e-4,
    exact: bool = True,
) -> None:
    """The samples' log-probabilities and alternatives are those of logits [B, L, V] of ids [B, L].

    ``exact``: their entropies too.
    """
    group = len(sampled.lengths) // len(prompts)
    for row, length in enumerate(sampled.lengths.tolist()):
        tokens = sampled.tokens[row, :length].tolist()
        expected = distribution(forward, prompts[row // group], tokens, temperature)
        chosen = expected[torch.arange(length), tokens].float()
        torch.testing.assert_close(sampled.log_probabilities[row, :length].clone(), chosen, atol=atol, rtol=rtol)
        if exact:
            entropies = torch.distributions.Categorical(logits=expected).entropy().float()
            torch.testing.assert_close(sampled.entropies[row, :length].clone(), entropies, atol=atol, rtol=rtol)
        if sampled.alternatives is not None:
            found = sampled.alternatives.log_probabilities[row]
            likeliest = expected.topk(found.shape[1], dim=1).values.float()
            torch.testing.assert_close(found[:length].clone(), likeliest, atol=atol, rtol=rtol)
            assert not found[length:].any()


def assert_lengths_ends_and_zeros_agree(sampled: Sampled, end: int, longest: int) -> None:
    """Some rows of the samples end and some are cut; behind the last token of each there is nothing."""
    assert 0 < sampled.finished.sum() < len(sampled.finished)
    assert len(set(sampled.lengths.tolist())) > 3
    for row in range(len(sampled.lengths)):
        length, finished = int(sampled.lengths[row]), bool(sampled.finished[row])
        tokens = sampled.tokens[row].tolist()
        assert finished == (end in tokens[:length])
        assert 1 <= length <= longest
        assert finished or length == longest
        if finished:
            assert tokens.index(end) == length - 1
        assert sampled.completion(row) == tokens[: length - finished]
        for values in (sampled.tokens, sampled.log_probabilities, sampled.entropies):
            assert not values[row, length:].any()
    assert sampled.finite


def assert_draws_of(rows: Sequence[int], other: Sampled, sampled: Sampled, group: int) -> None:
    """``other`` was drawn for these of the prompts of ``sampled``, and holds what that holds for them."""
    for place, row in enumerate(rows):
        here, there = slice(row * group, (row + 1) * group), slice(place * group, (place + 1) * group)
        assert torch.equal(sampled.tokens[here], other.tokens[there])
        assert torch.equal(sampled.lengths[here], other.lengths[there])
        torch.testing.assert_close(
            sampled.log_probabilities[here], other.log_probabilities[there], atol=1e-5, rtol=1e-4
        )
