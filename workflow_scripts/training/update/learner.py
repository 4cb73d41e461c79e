"""What a campaign trains: a policy with its optimizer and the policy that it began as, wherever their weights are."""

import copy
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from safetensors.torch import load_file
from torch import Tensor

from workflow_scripts.core.freed_memory import LARGE, give_back_memory
from workflow_scripts.training.policies import Policy, Scorer
from workflow_scripts.training.resumption.checkpoints import write_checkpoint
from workflow_scripts.training.resumption.resume import BoundaryState, read_state, write_state
from workflow_scripts.training.resumption.tensor_files import write_tensors
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.update.adam import Adam
from workflow_scripts.training.update.policy_update import UpdateMetrics, update


class Learner(Protocol):
    """The policy in training. Weights carry the names of the Hugging Face checkpoint, tied ones once."""

    state_name: str
    """What the state at a step boundary is called in the campaign's folder."""

    state_every: int
    """At each so-many-th boundary the state is written; at the others only where the campaign is interrupted."""

    def weights(self) -> Mapping[str, Tensor]:
        """The whole weights as they are now, for a sampler; the next step may change these tensors."""
        ...

    def copy_weights(self) -> dict[str, Tensor]:
        """A copy that training leaves alone; ``save`` makes a checkpoint of it."""
        ...

    def is_finite(self) -> bool:
        """Whether every weight is a number."""
        ...

    def optimizer_state(self) -> dict[str, Tensor]:
        """The optimizer's tensors by name; not copies."""
        ...

    def restore(self, state: BoundaryState) -> None:
        """Go back to the weights and moments of a step boundary."""
        ...

    def update(self, rollouts: Rollouts, learning_rate: float, kl_coefficient: float) -> UpdateMetrics:
        """One gradient step; raises ``NonFiniteError`` before a non-finite gradient reaches a weight."""
        ...

    def save(self, folder: Path, weights: Mapping[str, Tensor], source: Path) -> None:
        """Write what ``copy_weights`` gave as a Hugging Face folder; the rest of it is as in ``source``."""
        ...

    def write_state(self, path: Path, state: BoundaryState, fingerprint: str) -> None:
        """Replace the state on disk, whole or not at all; ``fingerprint`` stands for what the campaign is made from."""
        ...

    def read_state(self, path: Path, fingerprint: str) -> BoundaryState | None:
        """The state on disk; None where there is none of this campaign as it is now."""
        ...


class LocalLearner:
    """A learner whose policy is whole in this process and on this processor."""

    state_name = "resume.safetensors"
    state_every = 5  # a step takes a fifth of a second, a state a tenth of that

    def __init__(self, model: Policy, settings: TrainingSettings, reference: Scorer | None = None) -> None:
        """``reference``: the policy that the campaign began as; without it ``model`` is, and a copy is held."""
        self.model, self.settings = model, settings
        self._reference = reference or copy.deepcopy(model)
        self._parameters = sum(parameter.numel() for parameter in model.parameters())
        if self._parameters > LARGE:
            self.state_every = 20  # a state takes as long as a step
        self._optimizer = Adam(model.parameters(), settings.adam_betas, settings.weight_decay)

    def weights(self) -> dict[str, Tensor]:
        return self.model.state_dict()

    def copy_weights(self) -> dict[str, Tensor]:
        # A file without a name, mapped: it takes memory only where it is read, and is gone once nobody uses it.
        with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
            write_tensors(Path(file.name), self.model.state_dict(), {})
            return load_file(file.name)

    def is_finite(self) -> bool:
        # The extremes are not finite where one weight is not, and are found in a fifth of the time.
        extremes = [extreme for each in self.model.parameters() for extreme in torch.aminmax(each.detach())]
        return bool(torch.isfinite(torch.stack(extremes)).all())

    def optimizer_state(self) -> dict[str, Tensor]:
        return self._optimizer.state()

    def restore(self, state: BoundaryState) -> None:
        self.model.load_state_dict(state.weights)
        self._optimizer.load(state.optimizer)

    def update(self, rollouts: Rollouts, learning_rate: float, kl_coefficient: float) -> UpdateMetrics:
        self._optimizer.learning_rate = learning_rate
        metrics = update(
            self.model,
            self._reference if self.settings.measures_kl(kl_coefficient) else None,
            self._optimizer,
            rollouts,
            self.settings.update_rule,
            self.settings.temperature,
            kl_coefficient,
            self.settings.max_grad_norm,
        )
        for parameter in self.model.parameters():
            parameter.grad = None  # as large as the model, and sampling needs the memory
        give_back_memory(self._parameters)
        return metrics

    def save(self, folder: Path, weights: Mapping[str, Tensor], source: Path) -> None:
        write_checkpoint(folder, dict(weights), source)

    def write_state(self, path: Path, state: BoundaryState, fingerprint: str) -> None:
        write_state(path, state, fingerprint)

    def read_state(self, path: Path, fingerprint: str) -> BoundaryState | None:
        return read_state(path, fingerprint)
