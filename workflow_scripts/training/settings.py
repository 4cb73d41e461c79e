"""The settings of a campaign that do not come from its plan."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_origin

from workflow_scripts.core.prompt_formats import PROMPT_FORMATS
from workflow_scripts.training.samplers.vllm_settings import VllmSettings

AGGREGATIONS = ("seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm")
_CHOICES = {
    "scale_rewards": ("group", "none"),
    "importance_sampling_level": ("token", "sequence_sum"),
    "loss_agg_mode": AGGREGATIONS,
    "kl_agg_mode": AGGREGATIONS,
    "optimizer": ("adam",),
    "prompt_format": PROMPT_FORMATS,
    "device": ("cpu", "cuda"),
    "compute_dtype": ("float32", "bfloat16"),
}
_ACCEPTED: dict[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    tuple[float, float]: (int, float),
    tuple[int, ...]: (int,),
}


def _check_types(settings: Any) -> None:
    """Raise ``ValueError`` for the first field whose value is not of the declared type, or is none of its choices."""
    for field in fields(settings):
        if field.type not in _ACCEPTED:
            continue
        value = getattr(settings, field.name)
        many = get_origin(field.type) is tuple
        items = value if many and isinstance(value, tuple) else (value,)
        if many != isinstance(value, tuple) or not all(type(item) in _ACCEPTED[field.type] for item in items):
            raise ValueError(f"{field.name}: {value!r}: expected {getattr(field.type, '__name__', field.type)}")
        known = _CHOICES.get(field.name, (value,))
        if value not in known:
            raise ValueError(f"{field.name}: {value!r} is unknown; known: {', '.join(known)}")


@dataclass(frozen=True)
class UpdateRule:
    """How a step's rewards become a loss: one line of ``update_rules`` in config.yaml and its name.

    ``use_score_centering``, ``use_importance_sampling_ratio`` and ``num_alter_tokens`` are the paper's (appendix H),
    the others TRL's or verl's where they have one; docs/decisions.md maps them.

    - ``use_score_centering``: r - mean over the group, divided as ``scale_rewards`` says (``group``: standard
      deviation + 1e-4; ``none``); ``leave_one_out``: r - mean over the others of the group; neither: r.
    - ``use_importance_sampling_ratio``: policy / sampler, per ``token`` or of the whole sequence (``sequence_sum``) as
      ``importance_sampling_level`` says, clipped to [1 - epsilon, 1 + epsilon_high] where that lowers the objective;
      else the log-probability takes its place.
    - ``num_alter_tokens``: so many most probable tokens at every position are recorded by the sampler; they bound the
      entropy and are no part of the loss. 0: none.
    - ``loss_agg_mode``, ``kl_agg_mode``: how tokens become one number (``update_rules.aggregate``).
    """

    name: str
    use_score_centering: bool
    scale_rewards: str
    leave_one_out: bool
    use_importance_sampling_ratio: bool
    importance_sampling_level: str
    epsilon: float
    epsilon_high: float
    num_alter_tokens: int
    loss_agg_mode: str
    kl_agg_mode: str

    def check(self) -> None:
        """Raise ``ValueError``, naming the option and its value, for one of a wrong type or out of range."""
        _check_types(self)
        for name in ("epsilon", "epsilon_high", "num_alter_tokens"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is below 0")
        if not self.epsilon < 1:
            raise ValueError(f"epsilon: {self.epsilon!r} is not below 1: no ratio is ever lower than 0")
        if self.use_score_centering and self.leave_one_out:
            raise ValueError("use_score_centering and leave_one_out: two baselines; set one of them to false")

    @property
    def compares_within_groups(self) -> bool:
        """Whether an advantage depends on the group's other rewards."""
        return self.use_score_centering or self.leave_one_out


@dataclass(frozen=True)
class ShardingSettings:
    """How a policy that one device cannot train is divided between ``processes`` (FSDP2), one on each ``device``.

    ``compute_dtype``: of the layers; weights, gradients and moments stay in float32. ``gradient_checkpointing``: keep
    only the layers' inputs for the backward pass. ``tokens_per_batch``: what one pass computes at most, with padding.
    ``state_every``: steps between two states on disk that a killed campaign goes on from.
    """

    device: str
    processes: int
    compute_dtype: str
    gradient_checkpointing: bool
    tokens_per_batch: int
    state_every: int

    def check(self) -> None:
        """Raise ``ValueError``, naming the setting and its value, for one of a wrong type or out of range."""
        _check_types(self)
        for name in ("processes", "tokens_per_batch", "state_every"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not above 0")


_PARTS: dict[str, type[Any]] = {"update_rule": UpdateRule, "sharding": ShardingSettings, "vllm": VllmSettings}


def _from_mapping(kind: type[Any], place: str, value: object) -> Any:
    """A part of the settings from its JSON object."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}: {value!r}: expected an object with the options of {kind.__name__}")
    known = [field.name for field in fields(kind)]
    for name in value:
        if name not in known:
            raise ValueError(f"{place}.{name}: unknown; known: {', '.join(known)}")
    for name in known:
        if name not in value:
            raise ValueError(f"{place}.{name}: is missing")
    return kind(**value)


@dataclass(frozen=True)
class TrainingSettings:
    """Sizes, sampling and optimisation of a campaign (paper sections 5.1 and F); recorded whole in every trace.

    ``prompt_format``: how a problem becomes a prompt (``models.prompts``). ``sharding``: None for a policy in this
    process. ``vllm``: the engine that samples; None for sampling by the trained policy itself. ``update_rule``,
    ``sharding`` and ``vllm`` may be given as the mappings that they are in JSON.
    """

    update_rule: UpdateRule
    group_size: int
    prompts_per_step: int
    temperature: float
    max_completion_tokens: int
    warmup_steps: int
    optimizer: str
    adam_betas: tuple[float, float]
    weight_decay: float
    max_grad_norm: float
    probe_steps: tuple[int, ...]
    probe_samples: int
    prompt_format: str = "plain"
    sharding: ShardingSettings | None = None
    vllm: VllmSettings | None = None

    def __post_init__(self) -> None:
        for name, kind in _PARTS.items():
            value = getattr(self, name)
            if not isinstance(value, kind) and not (value is None and name != "update_rule"):
                object.__setattr__(self, name, _from_mapping(kind, name, value))

    def check(self) -> None:
        """Raise ``ValueError``, naming the setting and its value, for one of a wrong type or out of range."""
        _check_types(self)
        for name in _PARTS:
            part = getattr(self, name)
            try:
                if part is not None:
                    part.check()
            except ValueError as error:
                raise ValueError(f"{name}.{error}") from None
        if len(self.adam_betas) != 2:
            raise ValueError(f"adam_betas: {self.adam_betas!r}: expected two numbers")
        for name in ("group_size", "prompts_per_step", "max_completion_tokens", "probe_samples", "temperature"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not above 0")
        if self.update_rule.compares_within_groups and self.group_size < 2:
            raise ValueError(f"group_size: {self.group_size!r}: update rule {self.update_rule.name!r} needs 2 or more")
        if self.sharding is not None:
            self._check_sharded()

    def _check_sharded(self) -> None:
        assert self.sharding is not None
        if self.vllm is None:
            raise ValueError("vllm: is null, but a sharded policy is sampled from by an engine only; give its settings")
        if self.sharding.processes % self.vllm.tensor_parallel_size:
            raise ValueError(
                f"vllm.tensor_parallel_size: {self.vllm.tensor_parallel_size!r} does not divide "
                f"sharding.processes ({self.sharding.processes})"
            )

    def record(self) -> dict[str, Any]:
        """The settings as they stand in the trace."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
