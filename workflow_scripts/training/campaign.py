"""One campaign: from a plan and a policy to a trace, without global state and without files (paper sections 5.1, F).

A step is: choose problems, sample, grade, update. The pass rate of step t is measured on rollouts that were sampled
before update t, so the peak checkpoint is the policy that was sampled at the peak step: the weights after peak - 1
updates. The end checkpoint holds the weights after the last update.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor

from workflow_scripts.core.contracts.campaigns import Plan, Probe, Rollout, Status, Step
from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.core.traces import pass_rates
from workflow_scripts.grading.code_grader import Verdict
from workflow_scripts.models.prompts import PromptFormat
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.rollouts import (
    Grader,
    NonFiniteError,
    Rollouts,
    choose,
    collect,
    describe,
    grade_groups,
    table_rows,
)
from workflow_scripts.training.samplers.protocol import Sampler
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.update.learner import Learner
from workflow_scripts.training.update.policy_update import CLIP_RATIOS, SAMPLING_DIFFERENCE

MEASURED = (
    "CodeGrader/pass_rate/mean",
    "loss",
    "grad_norm",
    "lm_head_grad_norm",
    "entropy",
    "kl",
    "completions/mean_length",
    "completions/min_length",
    "completions/max_length",
    "completions/mean_terminated_length",
    "completions/min_terminated_length",
    "completions/max_terminated_length",
    "completions/clipped_ratio",
    "completions/unique_fraction",
    "frac_reward_zero_std",
    "reward_std",
)
# What a step has only under some update rules, or only where a completion entered the loss.
CONDITIONAL = ("entropy/lower_bound", "entropy/upper_bound", *SAMPLING_DIFFERENCE, *CLIP_RATIOS)


@dataclass(frozen=True)
class Problems:
    """The problems that a campaign trains on and the fixed held-out set that it is probed with."""

    pool: Sequence[Problem]
    probe: Sequence[Problem]
    probe_split: str


_RECORDS = ("steps", "probe", "rollouts", "seconds")


@dataclass
class Outcome:
    """What a campaign leaves: the trace's measured parts, rollouts, checkpoints and seconds by activity."""

    status: Status = "completed"
    steps: list[Step] = field(default_factory=list)
    probe: list[Probe] = field(default_factory=list)
    rollouts: list[Rollout] = field(default_factory=list)
    peak_weights: dict[str, Tensor] = field(default_factory=dict)
    end_weights: dict[str, Tensor] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def records(self) -> dict[str, Any]:
        """What of it is JSON."""
        return {name: getattr(self, name) for name in _RECORDS}

    def restore(self, state: BoundaryState) -> None:
        """Go back to what was known at a step boundary."""
        for name in _RECORDS:
            setattr(self, name, state.records[name])
        self.seconds = defaultdict(float, self.seconds)
        self.peak_weights, self.end_weights = state.peak, state.weights

    @contextmanager
    def timed(self, activity: str) -> Iterator[None]:
        """Add the time spent inside to ``seconds[activity]``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[activity] += time.perf_counter() - began


def learning_rate_at(step: int, learning_rate: float, warmup_steps: int) -> float:
    """Linear warm-up over the first ``warmup_steps`` updates, then constant; ``step`` counts from 1."""
    return learning_rate * min(1.0, step / warmup_steps) if warmup_steps else learning_rate


def unmeasured(step: int, learning_rate: float) -> dict[str, Any]:
    """A step's record before anything of it is known: what a non-finite step never measures stays null."""
    return {
        "step": step,
        "learning_rate": learning_rate,
        **dict.fromkeys((*MEASURED, *CONDITIONAL)),
        "problem_ids": [],
        "verdicts": {},
    }


def measure_probe(
    sampler: Sampler,
    prompts: PromptFormat,
    problems: Problems,
    grader: Grader,
    settings: TrainingSettings,
    step: int,
    seed_parts: Sequence[str | int],
) -> Probe:
    """pass@1 and pass@n of n samples on the held-out set.

    Every step draws with the same random numbers, so that steps compare in pairs.
    """
    _, _, completions = collect(
        sampler,
        prompts,
        problems.probe,
        (*seed_parts, "probe"),
        settings.probe_samples,
        settings.temperature,
        settings.max_completion_tokens,
    )
    grades = grade_groups(grader, problems.probe, completions, settings.prompt_format)
    passed = torch.tensor([grade.verdict is Verdict.PASSED for grade in grades]).view(len(problems.probe), -1)
    return {
        "step": step,
        "split": problems.probe_split,
        "pass@1": int(passed.sum()) / passed.numel(),
        "pass@n": int(passed.any(dim=1).sum()) / len(passed),
        "n_problems": len(problems.probe),
        "samples_per_problem": settings.probe_samples,
    }


def collect_rollouts(
    sampler: Sampler,
    prompts: PromptFormat,
    problems: Problems,
    grader: Grader,
    settings: TrainingSettings,
    seed_parts: Sequence[str | int],
    outcome: Outcome,
) -> Rollouts:
    """The rollouts of one step; ``seed_parts`` identify it, and with a problem's id the draws of its group."""
    chosen = choose(problems.pool, settings.prompts_per_step, derive_seed(*seed_parts, "problems"))
    with outcome.timed("sampling"):
        tokens, sampled, completions = collect(
            sampler,
            prompts,
            chosen,
            seed_parts,
            settings.group_size,
            settings.temperature,
            settings.max_completion_tokens,
            settings.update_rule.num_alter_tokens,
        )
    with outcome.timed("grading"):
        grades = grade_groups(grader, chosen, completions, settings.prompt_format)
    return Rollouts(chosen, tokens, sampled, completions, grades, derive_seed(*seed_parts, "reward order"))


def run_campaign(
    plan: Plan,
    settings: TrainingSettings,
    learner: Learner,
    sampler: Sampler,
    prompts: PromptFormat,
    problems: Problems,
    grader: Grader,
    report: Callable[[dict[str, Any]], None] = lambda _record: None,
    keep: Callable[[BoundaryState], None] = lambda _state: None,
    resumed: BoundaryState | None = None,
) -> Outcome:
    """Train the policy for ``plan["max_steps"]`` steps; ``report`` sees each step's record when it is complete.

    ``keep`` gets the state of every step boundary, step 0 included, in tensors that the next step changes; given back
    as ``resumed``, with the same policy, it leads to the same outcome. A non-finite policy, loss or gradient ends the
    campaign with that status, null in place of what was not measured, and the weights of the last boundary.
    ``sampler`` draws the completions and is brought up to date after each update. Where the policy is probed at all, it
    is so after the last step too: what is reported of a campaign's end is its end checkpoint's.
    """
    first = learner.copy_weights()
    outcome = Outcome(peak_weights=first, end_weights=first)
    identity = tuple(plan[key] for key in ("chain", "controller", "seed", "campaign"))
    done = -1
    if resumed is not None:
        done = resumed.step
        learner.restore(resumed)
        outcome.restore(resumed)
    sampler.synchronise(learner.weights())

    def reach(step: int) -> None:
        if not learner.is_finite():
            return  # the next step will find it out; nothing goes on from such weights
        outcome.end_weights = {}  # given back before the next copy is made
        outcome.end_weights = learner.copy_weights()
        moments, peak = learner.optimizer_state(), outcome.peak_weights
        keep(BoundaryState(step, outcome.end_weights, moments, peak, outcome.records()))

    def probe(step: int) -> None:
        last = plan["max_steps"] if settings.probe_steps else None
        if step in settings.probe_steps or step == last:
            with outcome.timed("probe"):
                outcome.probe.append(measure_probe(sampler, prompts, problems, grader, settings, step, identity))

    def take_step(record: dict[str, Any], best: float) -> None:
        rollouts = collect_rollouts(sampler, prompts, problems, grader, settings, (*identity, record["step"]), outcome)
        record |= describe(rollouts)
        outcome.rollouts += table_rows(record["step"], rollouts)
        if record["CodeGrader/pass_rate/mean"] > best:
            outcome.peak_weights = outcome.end_weights  # of the last boundary: those that were sampled from
        with outcome.timed("update"):
            record |= learner.update(rollouts, record["learning_rate"], plan["kl_coefficient"]).record()
        with outcome.timed("synchronisation"):
            sampler.synchronise(learner.weights())

    try:
        if done < 0:
            probe(0)
            reach(0)
        for step in range(max(done, 0) + 1, plan["max_steps"] + 1):
            best = max(pass_rates({"steps": outcome.steps}), default=-1.0)
            record = unmeasured(step, learning_rate_at(step, plan["learning_rate"], settings.warmup_steps))
            outcome.steps.append(cast("Step", record))  # which what follows fills in
            try:
                take_step(record, best)
            finally:
                report(record)
            probe(step)
            reach(step)
        if not learner.is_finite():
            raise NonFiniteError("non_finite_loss")
    except NonFiniteError as error:
        outcome.status = error.status
    return outcome
