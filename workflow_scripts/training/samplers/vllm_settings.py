"""The settings of a vLLM engine."""

from dataclasses import asdict, dataclass, fields
from typing import Any

DATA_TYPES = ("float32", "bfloat16", "float16")

_ACCEPTED: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    float: (int, float),
    int | None: (int, type(None)),
}


@dataclass(frozen=True)
class VllmSettings:
    """How one engine runs; recorded whole in a trace. Data parallelism is one engine in each training process.

    data_type: of weights, activations and cache. max_model_length: tokens of a prompt and its completion together.
    max_sequences: completions in the engine's batch at a time. gpu_memory_utilization: share of the device's memory (on
    a CPU, of the machine's) that the engine may fill; kv_cache_bytes, where given, is the cache's size instead.
    tensor_parallel_size: devices per engine. enforce_eager: no compilation and no CUDA graphs. prefix_caching: keep the
    cache of prompts between calls; synchronising empties it. exact_entropies: return the log-probabilities of the whole
    vocabulary (a small one), and with them exact entropies. probe_tokens and probe_tolerance (nats): length of the
    greedy probe and the largest difference that rounding may explain.
    """

    data_type: str
    max_model_length: int
    max_sequences: int
    gpu_memory_utilization: float
    kv_cache_bytes: int | None
    tensor_parallel_size: int
    enforce_eager: bool
    prefix_caching: bool
    exact_entropies: bool
    probe_tokens: int
    probe_tolerance: float

    def check(self) -> None:
        """Raise ``ValueError``, naming the setting and its value, for one of a wrong type or out of range."""
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) not in _ACCEPTED[field.type]:
                raise ValueError(f"{field.name}: {value!r}: expected {getattr(field.type, '__name__', field.type)}")
        if self.data_type not in DATA_TYPES:
            raise ValueError(f"data_type: {self.data_type!r} is unknown; known: {', '.join(DATA_TYPES)}")
        positive = (
            "max_model_length",
            "max_sequences",
            "kv_cache_bytes",
            "tensor_parallel_size",
            "probe_tokens",
            "probe_tolerance",
        )
        for name in positive:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name}: {value!r} is not above 0")
        if not 0 < self.gpu_memory_utilization <= 1:
            raise ValueError(f"gpu_memory_utilization: {self.gpu_memory_utilization!r} is not above 0 and at most 1")
        if self.probe_tokens >= self.max_model_length:
            raise ValueError(
                f"probe_tokens: {self.probe_tokens!r} leaves no room for a prompt within max_model_length "
                f"({self.max_model_length})"
            )

    def record(self) -> dict[str, Any]:
        """The settings as they stand in a trace."""
        return asdict(self)
