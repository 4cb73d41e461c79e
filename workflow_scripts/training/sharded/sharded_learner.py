"""A learner whose policy is divided between the processes of a training job; each method is called by all of them."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from workflow_scripts.core.training_models import Sharding
from workflow_scripts.models.hugging_face import HuggingFacePolicy, torch_dtype
from workflow_scripts.training.resumption.checkpoints import write_checkpoint
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.sharded.data_parallel import DataParallel
from workflow_scripts.training.sharded.sharded_policy_update import update_sharded
from workflow_scripts.training.sharded.sharded_state import read_sharded_state, write_sharded_state
from workflow_scripts.training.sharded.sharding import (
    WholeWeights,
    free_between_steps,
    gather,
    host_copy,
    load_sharded,
    local_part,
)
from workflow_scripts.training.update.adam import Adam
from workflow_scripts.training.update.policy_update import UpdateMetrics


class ShardedLearner:
    """See ``learner.Learner``. ``policy`` and ``reference``, which is never trained, start from the same checkpoint."""

    state_name = "resume"

    def __init__(
        self,
        policy: HuggingFacePolicy,
        reference: HuggingFacePolicy,
        settings: TrainingSettings,
        sharding: Sharding,
        sampled_in: str,
        processes: DataParallel,
    ) -> None:
        self.policy, self.settings = policy, settings
        self._reference, self._sharding, self._processes = reference, sharding, processes
        self.state_every = sharding.state_every
        self._sampled_in = torch_dtype(sampled_in)
        self._optimizer = Adam(policy.parameters(), settings.adam_betas, settings.weight_decay)

    @classmethod
    def load(
        cls,
        source: Path,
        settings: TrainingSettings,
        sharding: Sharding,
        sampled_in: str,
        processes: DataParallel,
    ) -> "ShardedLearner":
        """The policy in a Hugging Face folder; ``sampled_in``: data type in which a sampler gets its weights."""
        compute = sharding.compute_dtype
        policy = load_sharded(
            source, processes, compute_dtype=compute, gradient_checkpointing=sharding.gradient_checkpointing
        )
        # Layers compute on a copy of this type, so weights of another would say nothing more.
        reference = load_sharded(source, processes, compute_dtype=compute, weight_dtype=compute)
        return cls(policy, reference, settings, sharding, sampled_in, processes)

    def weights(self) -> Mapping[str, Tensor]:
        free_between_steps(self.policy)
        return WholeWeights(self.policy, self._sampled_in)

    def copy_weights(self) -> dict[str, Tensor]:
        free_between_steps(self.policy)
        return host_copy(self.policy)

    def is_finite(self) -> bool:
        finite = [torch.isfinite(local_part(parameter)).all() for parameter in self.policy.parameters()]
        wrong = len(finite) - torch.stack(finite).sum()
        return self._processes.total(wrong).item() == 0

    def optimizer_state(self) -> dict[str, Tensor]:
        return self._optimizer.state()

    def restore(self, state: BoundaryState) -> None:
        self.policy.load_state_dict(state.weights)
        self._optimizer.load(state.optimizer)

    def update(self, rollouts: Rollouts, learning_rate: float, kl_coefficient: float) -> UpdateMetrics:
        self._optimizer.learning_rate = learning_rate
        return update_sharded(
            self.policy,
            self._reference if self.settings.measures_kl(kl_coefficient) else None,
            self._optimizer,
            rollouts,
            self.settings.update_rule,
            self.settings.temperature,
            kl_coefficient,
            self.settings.max_grad_norm,
            self._sharding.tokens_per_batch,
            self._processes,
        )

    def save(self, folder: Path, weights: Mapping[str, Tensor], source: Path) -> None:
        whole = gather(weights, self._processes)
        failure: OSError | None = None
        if self._processes.is_first:
            try:
                write_checkpoint(folder, whole, source)
            except OSError as error:
                failure = error
        if (failure := self._processes.from_first(failure)) is not None:
            raise failure

    def write_state(self, path: Path, state: BoundaryState, fingerprint: str) -> None:
        write_sharded_state(path, state, fingerprint, self._processes)

    def read_state(self, path: Path, fingerprint: str) -> BoundaryState | None:
        if not self._processes.from_first(path.exists()):
            return None
        like = BoundaryState(0, self.copy_weights(), self.optimizer_state(), self.copy_weights())
        return read_sharded_state(path, fingerprint, like, self._processes)
