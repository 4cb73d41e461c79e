"""One on-policy update of a sharded policy: the loss of ``policy_update``, its rows divided between processes."""

from collections.abc import Sequence

import torch
from torch import Tensor

from workflow_scripts.models.hugging_face import HuggingFacePolicy
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.settings import UpdateRule
from workflow_scripts.training.sharded.data_parallel import DataParallel, split_rows
from workflow_scripts.training.sharded.sharded_update import rows_at, take_gradient_step
from workflow_scripts.training.sharded.sharding import free_between_steps
from workflow_scripts.training.update.adam import Steps
from workflow_scripts.training.update.computed_rows import Computed, Part, assemble
from workflow_scripts.training.update.distinct_rows import DistinctRows, completion_log_probabilities, merge_equal_rows
from workflow_scripts.training.update.policy_update import UpdateMetrics, indicators_of, mean_kl, rows_loss
from workflow_scripts.training.update.update_rules import advantages


def update_sharded(
    policy: HuggingFacePolicy,
    reference: HuggingFacePolicy | None,
    optimizer: Steps,
    rollouts: Rollouts,
    rule: UpdateRule,
    temperature: float,
    kl_coefficient: float,
    max_grad_norm: float,
    tokens_per_batch: int,
    processes: DataParallel,
) -> UpdateMetrics:
    """As ``policy_update.update``, in every process alike."""
    advantage = advantages(rule, rollouts.learned_from(rule.reward))
    every = merge_equal_rows(rollouts, advantage, rule.use_importance_sampling_ratio)
    known = None if reference is None else score_rows(reference, every, temperature, tokens_per_batch, processes)
    rows = every if kl_coefficient > 0 else every.select(every.advantages != 0)
    parts: list[Part] = []

    def row_loss(part: DistinctRows) -> Tensor:
        loss, computed = rows_loss(policy, part, rollouts, every, known, rule, temperature, kl_coefficient)
        parts.append((part.places, computed))
        return loss

    kl = mean_kl(rollouts, every, known)
    step = take_gradient_step(policy, optimizer, rows, row_loss, max_grad_norm, tokens_per_batch, processes)
    computed = assemble(rows, [part for own in processes.exchange(on_host(parts)) for part in own])
    indicators = indicators_of(computed, rows, every, rollouts, rule)
    return UpdateMetrics(step.loss, step.grad_norm, step.lm_head_grad_norm, kl, indicators)


@torch.no_grad()
def score_rows(
    policy: HuggingFacePolicy, rows: DistinctRows, temperature: float, tokens_per_batch: int, processes: DataParallel
) -> Computed:
    """The policy's log-probabilities of all rows, in every process; each computes its share in batches."""
    parts: list[Part] = []
    for batch in split_rows([len(tokens) for tokens in rows.tokens], processes.size, tokens_per_batch)[processes.rank]:
        # Whoever has no row left takes part in the collectives with a row that somebody else computes too.
        part = rows_at(rows, batch or [0])
        log_probabilities, mask = completion_log_probabilities(policy, part, temperature)
        parts.append((part.places, Computed(log_probabilities, mask, None)))
    free_between_steps(policy)
    scored = assemble(rows, [part for own in processes.exchange(on_host(parts)) for part in own])
    assert scored is not None, "a step has at least one row"
    return scored


def on_host(parts: Sequence[Part]) -> list[Part]:
    return [
        (places, Computed(values.log_probabilities.cpu(), values.mask.cpu(), _host(values.ratio)))
        for places, values in parts
    ]


def _host(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.cpu()
