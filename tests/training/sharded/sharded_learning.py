"""One of two processes of a job that trains a sharded policy as a campaign does, for ``test_sharded_learner``.

Run by a launcher as ``-m tests.training.sharded.sharded_learning FOLDER``; FOLDER/model holds a policy. ``learn`` is
also what one process does with the whole policy, so that the two can be compared.
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.makers.campaigns import SETTINGS
from tests.makers.settings import ENGINE, SHARDING, changed
from tests.training.declared_rules import RULES
from tests.training.synthetic_rollouts import make_rollouts
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.rollouts import NonFiniteError, Rollouts
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.sharded.data_parallel import DataParallel
from workflow_scripts.training.sharded.sharded_learner import ShardedLearner
from workflow_scripts.training.sharded.sharding import gather
from workflow_scripts.training.update.learner import Learner

TEMPERATURE = SETTINGS.temperature
CASES = [("reinforce", 0.0), ("reinforce", 0.05), ("grpo", 0.0), ("grpo_clipped", 0.05), ("rloo", 0.02),
         ("dr_grpo", 0.05)]  # fmt: skip


def settings_of(rule: str) -> TrainingSettings:
    return changed(
        SETTINGS,
        update_rule=RULES[rule],
        max_completion_tokens=8,
        warmup_steps=0,
        max_grad_norm=0.5,
        probe_steps=[],
        sharding=SHARDING,
        vllm=ENGINE,
    )


def rollouts_of(forward: Callable[[Tensor], Tensor], step: int) -> Rollouts:
    """Two groups of four with equal rows among them; ``forward``: the policy that sampled, ids [B, L] to logits."""
    generator = torch.Generator().manual_seed(step)
    prompts = [torch.randint(1, 37, (length,), generator=generator).tolist() for length in (3, 5)]
    completions = []
    for row in range(8):
        length = int(torch.randint(1, 7, (1,), generator=generator))
        drawn = [*torch.randint(1, 37, (length,), generator=generator).tolist(), 0]
        completions.append(completions[-1] if row % 4 == 2 else drawn)
    return make_rollouts(forward, prompts, completions, [1, 0, 0, 1, 0, 1, 1, 0], TEMPERATURE)


def learn(learner: Learner, forward: Callable[[Tensor], Tensor], kl_coefficient: float) -> list[dict[str, Any]]:
    """Three steps; the second one's rollouts are those of an earlier policy, so that ratios are not one."""
    old = rollouts_of(forward, 0)
    steps = [learner.update(old, 0.01, kl_coefficient).record()]
    steps.append(learner.update(old, 0.01, kl_coefficient).record())
    return [*steps, learner.update(rollouts_of(forward, 1), 0.01, kl_coefficient).record()]


def main() -> None:
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    processes = DataParallel.join("cpu")
    seen: dict[str, Any] = {}
    for rule, kl_coefficient in CASES:
        learner = ShardedLearner.load(folder / "model", settings_of(rule), SHARDING, "float32", processes)
        steps = learn(learner, learner.policy, kl_coefficient)
        seen[f"{rule} {kl_coefficient}"] = (steps, gather(learner.copy_weights(), processes))
    seen["whole"] = {name: tensor.clone() for name, tensor in learner.weights().items()}
    seen["finite"] = learner.is_finite()
    seen |= go_back(folder, learner, processes) | fail(learner, processes)
    torch.save(seen, folder / f"learned-{processes.rank}.pt")
    processes.leave()


def go_back(folder: Path, learner: ShardedLearner, processes: DataParallel) -> dict[str, Any]:
    """States are written at every second boundary; one is read, and the same step leads to the same weights."""

    def boundary(step: int) -> BoundaryState:
        return BoundaryState(step, learner.copy_weights(), learner.optimizer_state(), learner.copy_weights(), {})

    nothing = learner.read_state(folder / "state", "made from this")
    for step in (1, 2, 3):
        if step % learner.state_every == 0:
            learner.write_state(folder / "state", boundary(step), "made from this")
        if step < 3:
            learner.update(rollouts_of(learner.policy, step), 0.01, 0.0)
    went_on = gather(learner.copy_weights(), processes)
    state = learner.read_state(folder / "state", "made from this")
    assert state is not None
    learner.restore(state)
    learner.update(rollouts_of(learner.policy, 2), 0.01, 0.0)
    learner.save(folder / "checkpoint", learner.copy_weights(), folder / "model")
    return {
        "nothing": nothing,
        "went back to": state.step,
        "went on": went_on,
        "went on again": gather(learner.copy_weights(), processes),
    }


def fail(learner: ShardedLearner, processes: DataParallel) -> dict[str, Any]:
    """Sampled log-probabilities that are not finite end the step in all processes, before a weight moves."""
    rollouts = rollouts_of(learner.policy, 5)
    poisoned = dataclasses.replace(
        rollouts, sampled=dataclasses.replace(rollouts.sampled, log_probabilities=torch.full((8, 8), torch.nan))
    )
    before, error = gather(learner.copy_weights(), processes), ""
    try:
        learner.update(poisoned, 0.01, 0.0)
    except NonFiniteError as caught:
        error = str(caught)
    after = gather(learner.copy_weights(), processes)
    with torch.no_grad():
        next(learner.policy.parameters()).to_local()[:] = torch.inf if processes.rank == 1 else 1.0
    return {"error": error, "before": before, "after": after, "still finite": learner.is_finite()}


if __name__ == "__main__":
    main()
