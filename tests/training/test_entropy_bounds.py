"""The bounds hold for every distribution, and two distributions attain them."""

import itertools

import pytest
import torch

from workflow_scripts.training.entropy_bounds import entropy_bounds

torch.set_num_threads(1)


def entropy(probabilities: torch.Tensor) -> torch.Tensor:
    return torch.special.entr(probabilities.double()).sum(-1)


def highest(probabilities: torch.Tensor, count: int) -> torch.Tensor:
    return probabilities.log().topk(count, dim=-1).values


@pytest.mark.parametrize("spread", [0.1, 1.0, 5.0, 30.0])
@pytest.mark.parametrize("count", [1, 4, 39, 40])
def test_the_entropy_lies_between_its_bounds(spread: float, count: int) -> None:
    logits = spread * torch.randn(500, 40, generator=torch.Generator().manual_seed(3))
    probabilities = logits.softmax(-1)
    lower, upper = entropy_bounds(logits.log_softmax(-1).topk(count, dim=-1).values, 40)
    exact = entropy(probabilities)
    assert (lower <= exact + 1e-5).all()
    assert (exact <= upper + 1e-5).all()
    assert (lower <= upper).all()
    if count == 40:
        torch.testing.assert_close(lower, exact, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(upper, exact, atol=1e-5, rtol=1e-5)


def test_more_alternatives_never_loosen_a_bound() -> None:
    log_probabilities = (3 * torch.randn(300, 50, generator=torch.Generator().manual_seed(4))).log_softmax(-1)
    bounds = [entropy_bounds(log_probabilities.topk(count, dim=-1).values, 50) for count in (1, 2, 4, 8, 16)]
    for (lower, upper), (closer_lower, closer_upper) in itertools.pairwise(bounds):
        assert (closer_lower >= lower - 1e-5).all()
        assert (closer_upper <= upper + 1e-5).all()


def test_the_bounds_are_attained() -> None:
    even = torch.tensor([0.4, 0.2, 0.2, 0.05, 0.05, 0.05, 0.05])
    assert entropy_bounds(highest(even, 3), 7)[1].item() == pytest.approx(entropy(even).item())
    heaped = torch.tensor([0.4, 0.25, 0.25, 0.1, 0.0, 0.0, 0.0])
    assert entropy_bounds(highest(heaped, 2), 7)[0].item() == pytest.approx(entropy(heaped).item())


def test_a_certain_token_has_no_entropy() -> None:
    certain = torch.tensor([[0.0, -100.0, -100.0, -110.0], [0.0, -torch.inf, -torch.inf, -torch.inf]])
    for bound in entropy_bounds(certain, 512):
        assert (bound.abs() < 1e-8).all()
