"""What leads into a campaign and out of it: the plan (``plan.schema.json``) and the trace (``trace.schema.json``)."""

from typing import Any, Literal, NotRequired, TypedDict

Action = Literal["start", "continue", "reuse", "adapt", "pilot", "reject", "stop_early"]
Checkpoint = Literal["peak", "end"]
Origin = Literal["peak", "end", "base"]
Status = Literal["completed", "non_finite_loss", "non_finite_gradient"]


class Init(TypedDict):
    """The checkpoint that training starts from; campaign 0 is the base model."""

    campaign: int
    checkpoint: Origin


class Reason(TypedDict):
    """Why a controller decided so: the paper's rule, one sentence, and the numbers that decided."""

    rule: str
    text: str
    numbers: dict[str, float | None]


class Plan(TypedDict):
    """What a controller decided for one campaign."""

    schema_version: Literal[1]
    chain: str
    controller: str
    seed: int
    campaign: int
    action: Action
    init: Init
    max_steps: int
    learning_rate: float
    kl_coefficient: float
    reason: Reason


class Owner(TypedDict):
    """Whose campaigns: those of a controller in a chain, with one seed."""

    chain: str
    controller: str
    seed: int


class Identity(Owner):
    """Which campaign of whose, on which testbed."""

    testbed: str
    campaign: int


class Model(TypedDict):
    """The real model in a role of the paper's."""

    role: str
    name: str
    parameters: int


Step = TypedDict(
    "Step",
    {
        "step": int,
        "CodeGrader/pass_rate/mean": float | None,
        "loss": float | None,
        "grad_norm": float | None,
        "lm_head_grad_norm": float | None,
        "entropy": float | None,
        "kl": float | None,
        "learning_rate": float | None,
        "entropy/lower_bound": float | None,
        "entropy/upper_bound": float | None,
        "completions/mean_length": float | None,
        "completions/min_length": float | None,
        "completions/max_length": float | None,
        "completions/mean_terminated_length": float | None,
        "completions/min_terminated_length": float | None,
        "completions/max_terminated_length": float | None,
        "completions/clipped_ratio": float | None,
        "completions/unique_fraction": float | None,
        "frac_reward_zero_std": float | None,
        "reward_std": float | None,
        "sampling/sampling_logp_difference/mean": float | None,
        "sampling/sampling_logp_difference/max": float | None,
        "clip_ratio/low_mean": float | None,
        "clip_ratio/low_min": float | None,
        "clip_ratio/high_mean": float | None,
        "clip_ratio/high_max": float | None,
        "clip_ratio/region_mean": float | None,
        "problem_ids": list[str],
        "verdicts": dict[str, int],
    },
)

Probe = TypedDict(
    "Probe",
    {"step": int, "split": str, "pass@1": float, "pass@n": float, "n_problems": int, "samples_per_problem": int},
)


class Rollout(TypedDict):
    """A row of rollouts.parquet: one completion, its log-probability summed over its tokens, in nats."""

    step: int
    problem: str
    completion: str
    reward: int
    verdict: str
    tokens: int
    log_probability: float


class Moment(TypedDict):
    """A campaign's peak or end; null where no step was measured."""

    step: int | None
    pass_rate: float | None


class Measured(TypedDict):
    """What was measured step by step."""

    steps: list[Step]


class Trace(Measured):
    """What happened in one campaign."""

    schema_version: Literal[1]
    identity: Identity
    model: Model
    plan: Plan
    settings: dict[str, Any]  # those of training.settings, as they were given
    status: Status
    probe: list[Probe]
    peak: Moment
    end: Moment
    inputs: dict[str, str]
    outputs: NotRequired[dict[str, str]]
    versions: dict[str, str]
    isolation: dict[str, str]
