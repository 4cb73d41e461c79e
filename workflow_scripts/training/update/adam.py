"""Adam with PyTorch's own arithmetic, without the class around it.

Constructing ``torch.optim.Adam`` imports PyTorch's compiler: 0.8 s that a campaign of a few seconds need not pay. A
test holds the weights equal to those of ``torch.optim.Adam(fused=True)``, bit by bit.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.optim.adam import adam


class Steps(Protocol):
    """What an update asks of an optimizer: one step by the gradients that its parameters hold."""

    def step(self) -> object: ...


class Adam:
    """Kingma and Ba (2015), algorithm 1, with the weight decay added to the gradient; steps ``parameters`` in place."""

    def __init__(self, parameters: Iterable[Tensor], betas: Sequence[float], weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.learning_rate = 0.0
        self.betas, self.weight_decay = betas, weight_decay
        self.first_moments = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.second_moments = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.steps = [torch.zeros((), dtype=torch.float32) for _ in self.parameters]

    def state(self) -> dict[str, Tensor]:
        """Moments and step counts by name; not copies."""
        groups = {"first": self.first_moments, "second": self.second_moments, "steps": self.steps}
        return {f"{name}.{index}": tensor for name, group in groups.items() for index, tensor in enumerate(group)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values of another one's ``state``; raises KeyError where it is of other parameters."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])

    @torch.no_grad()
    def step(self) -> None:
        """One update at ``learning_rate`` by the gradients that every parameter holds."""
        adam(
            self.parameters,
            [parameter.grad for parameter in self.parameters if parameter.grad is not None],
            self.first_moments,
            self.second_moments,
            [],
            self.steps,
            fused=True,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )
