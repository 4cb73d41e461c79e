"""The settings of a campaign that do not come from its plan."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingSettings:
    """Sizes, sampling and optimisation of a campaign (paper sections 5.1 and F); recorded whole in every trace."""

    update_rule: str
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

    def record(self) -> dict[str, Any]:
        """The settings as they stand in the trace."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
