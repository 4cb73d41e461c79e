"""What the most probable tokens alone say about a distribution's entropy."""

import math

import torch
from torch import Tensor


def entropy_bounds(log_probabilities: Tensor, vocabulary_size: int) -> tuple[Tensor, Tensor]:
    """The tightest lower and upper bound [...] on the entropy, in nats, from the K highest log-probabilities [..., K].

    The K are in descending order. What they leave is spread evenly over the other tokens for the upper bound; for the
    lower one it is on as few tokens as possible, none above the K-th.
    """
    highest = log_probabilities.double().exp()
    smallest, others = highest[..., -1], vocabulary_size - highest.shape[-1]
    # No other token exceeds the K-th: that also takes away what rounding leaves of a sum that should be one.
    rest = torch.minimum((1 - highest.sum(dim=-1)).clamp(min=0), others * smallest)
    known = torch.special.entr(highest).sum(dim=-1)
    upper = known + torch.special.entr(rest) + rest * math.log(max(others, 1))
    filled = torch.where(smallest > 0, rest / smallest, 0.0).floor()
    lower = known + filled * torch.special.entr(smallest)
    lower = lower + torch.special.entr((rest - filled * smallest).clamp(min=0))
    return torch.minimum(lower, upper), upper
