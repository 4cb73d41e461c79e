"""Rollouts: sampled completions with their verdicts, and what a step's record says about them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from workflow_scripts.core.contracts.campaigns import Rollout, Status
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.grading.code_grader import Grade, Verdict
from workflow_scripts.grading.extraction import graded_pair
from workflow_scripts.models.prompts import PromptFormat
from workflow_scripts.training.entropy_bounds import entropy_bounds
from workflow_scripts.training.samplers.protocol import Sampler
from workflow_scripts.training.samplers.sampling import Sampled


class NonFiniteError(ArithmeticError):
    """The policy, the loss or the gradient is not finite; ``status`` is what the trace gets."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status: Status = status


class Grader(Protocol):
    """What a campaign asks of the grader."""

    def grade_pairs(self, pairs: Sequence[tuple[Problem, str]]) -> list[Grade]:
        """The grade of each pair of problem and completion, in order."""
        ...


@dataclass(frozen=True)
class Rollouts:
    """P problems x G samples: the token tensors of ``sampled`` (N = P x G rows), the texts and their grades."""

    problems: Sequence[Problem]
    prompts: Sequence[list[int]]
    sampled: Sampled
    completions: Sequence[str]
    grades: Sequence[Grade]
    order_seed: int = 0

    @property
    def rewards(self) -> Tensor:
        """Binary rewards [P, G]."""
        passed = [float(grade.verdict is Verdict.PASSED) for grade in self.grades]
        return torch.tensor(passed).view(len(self.problems), -1)

    def learned_from(self, reward: str) -> Tensor:
        """The rewards [P, G] that an update rule learns from.

        ``graded``: the grader's; ``constant``: ones; ``shuffled``: the grader's in an order that ``order_seed`` draws.
        """
        rewards = self.rewards
        if reward == "graded":
            return rewards
        if reward == "constant":
            return torch.ones_like(rewards)
        order = torch.randperm(rewards.numel(), generator=torch.Generator().manual_seed(self.order_seed))
        return rewards.flatten()[order].view_as(rewards)


def choose(problems: Sequence[Problem], count: int, seed: int) -> list[Problem]:
    """``count`` distinct problems drawn by ``seed``."""
    order = torch.randperm(len(problems), generator=torch.Generator().manual_seed(seed))
    return [problems[index] for index in order[:count].tolist()]


def grade_groups(
    grader: Grader, problems: Sequence[Problem], completions: Sequence[str], prompt_format: str
) -> list[Grade]:
    """Grades of all completions, the group of each problem in sequence."""
    group = len(completions) // len(problems)
    return grader.grade_pairs(
        [graded_pair(prompt_format, problems[row // group], text) for row, text in enumerate(completions)]
    )


def collect(
    sampler: Sampler,
    prompts: PromptFormat,
    problems: Sequence[Problem],
    seed_parts: Sequence[str | int],
    group_size: int,
    temperature: float,
    max_tokens: int,
    num_alter_tokens: int = 0,
) -> tuple[list[list[int]], Sampled, list[str]]:
    """Prompt tokens, sampled tokens and completion texts; each problem's seed derives from ``seed_parts`` and its id.

    Raises ``NonFiniteError`` where the policy has no distribution to sample from: its draws would mean nothing.
    """
    tokens = [prompts.encode(problem) for problem in problems]
    seeds = [derive_seed(*seed_parts, problem["task_id"]) for problem in problems]
    sampled = sampler.sample(tokens, seeds, group_size, temperature, max_tokens, prompts.end_tokens, num_alter_tokens)
    if not sampled.finite:
        raise NonFiniteError("non_finite_loss")
    return tokens, sampled, prompts.decode([sampled.completion(row) for row in range(len(sampled.lengths))])


def describe_lengths(sampled: Sampled) -> dict[str, float]:
    """Tokens per completion, its end token included; ``terminated`` are those that it ends, 0 where there is none."""
    lengths = sampled.lengths.float()
    terminated = lengths[sampled.finished] if bool(sampled.finished.any()) else torch.zeros(1)
    return {
        "completions/mean_length": lengths.mean().item(),
        "completions/min_length": lengths.min().item(),
        "completions/max_length": lengths.max().item(),
        "completions/mean_terminated_length": terminated.mean().item(),
        "completions/min_terminated_length": terminated.min().item(),
        "completions/max_terminated_length": terminated.max().item(),
        "completions/clipped_ratio": 1 - sampled.finished.float().mean().item(),
    }


def describe_entropy_bounds(sampled: Sampled) -> dict[str, float | None]:
    """Means over all sampled tokens of what their recorded alternatives say of the entropy, in nats."""
    bounds: list[float | None] = [None, None]
    if sampled.alternatives is not None:
        alternatives = sampled.alternatives
        kept = torch.arange(sampled.tokens.shape[1]) < sampled.lengths.unsqueeze(1)
        both = entropy_bounds(alternatives.log_probabilities[kept], alternatives.vocabulary_size)
        bounds = [bound.mean().item() for bound in both]
    return dict(zip(("entropy/lower_bound", "entropy/upper_bound"), bounds, strict=True))


def describe(rollouts: Rollouts) -> dict[str, Any]:
    """The part of a step's trace that the rollouts determine, under TRL's metric names where TRL has one."""
    sampled, rewards = rollouts.sampled, rollouts.rewards
    tokens = sampled.lengths.sum()
    spread = rewards.std(dim=1, correction=1) if rewards.shape[1] > 1 else torch.zeros(len(rewards))
    group = rewards.shape[1]
    distinct = {(row // group, completion) for row, completion in enumerate(rollouts.completions)}
    return {
        "CodeGrader/pass_rate/mean": rewards.mean().item(),
        "entropy": (sampled.entropies.sum() / tokens).item() if sampled.entropy_known else None,
        **describe_entropy_bounds(sampled),
        **describe_lengths(sampled),
        "completions/unique_fraction": len(distinct) / len(rollouts.completions),
        "frac_reward_zero_std": (spread == 0).float().mean().item(),
        "reward_std": spread.mean().item(),
        "problem_ids": [problem["task_id"] for problem in rollouts.problems],
        "verdicts": dict(sorted(Counter(grade.verdict.value for grade in rollouts.grades).items())),
    }


def table_rows(step: int, rollouts: Rollouts) -> list[Rollout]:
    """One row per completion for rollouts.parquet; log_probability is summed over its tokens, in nats."""
    group = len(rollouts.completions) // len(rollouts.problems)
    log_probabilities = rollouts.sampled.log_probabilities.sum(dim=1).tolist()
    lengths = rollouts.sampled.lengths.tolist()
    return [
        {
            "step": step,
            "problem": rollouts.problems[row // group]["task_id"],
            "completion": completion,
            "reward": int(grade.verdict is Verdict.PASSED),
            "verdict": grade.verdict.value,
            "tokens": lengths[row],
            "log_probability": log_probabilities[row],
        }
        for row, (completion, grade) in enumerate(zip(rollouts.completions, rollouts.grades, strict=True))
    ]
