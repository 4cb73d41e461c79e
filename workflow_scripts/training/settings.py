"""The settings of a campaign that do not come from its plan."""

from dataclasses import asdict, dataclass, fields
from typing import Any

_ACCEPTED: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (int, float),
    tuple[float, float]: (int, float),
    tuple[int, ...]: (int,),
}


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

    def check(self) -> None:
        """Raise ``ValueError``, naming the setting and its value, for one of a wrong type or out of range."""
        for field in fields(self):
            value = getattr(self, field.name)
            many = field.type not in (str, int, float)
            items = value if many and isinstance(value, tuple) else (value,)
            if many != isinstance(value, tuple) or not all(type(item) in _ACCEPTED[field.type] for item in items):
                raise ValueError(f"{field.name}: {value!r}: expected {getattr(field.type, '__name__', field.type)}")
        if len(self.adam_betas) != 2:
            raise ValueError(f"adam_betas: {self.adam_betas!r}: expected two numbers")
        for name in ("group_size", "prompts_per_step", "max_completion_tokens", "probe_samples", "temperature"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not above 0")
        if self.optimizer != "adam":
            raise ValueError(f"optimizer: {self.optimizer!r} is unknown; known: adam")

    def record(self) -> dict[str, Any]:
        """The settings as they stand in the trace."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
