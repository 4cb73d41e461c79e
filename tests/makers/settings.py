"""Settings that differ from others in some of their values."""

from typing import Any, TypeVar

from workflow_scripts.core.sections import Section
from workflow_scripts.core.training_models import Sharding, Vllm

SHARDING = Sharding(
    device="cpu",
    processes=2,
    compute_dtype="float32",
    gradient_checkpointing=True,
    tokens_per_batch=24,
    state_every=2,
)
ENGINE = Vllm(
    data_type="float32",
    max_model_length=512,
    max_sequences=64,
    gpu_memory_utilization=0.2,
    kv_cache_bytes=32 << 20,
    tensor_parallel_size=1,
    enforce_eager=True,
    prefix_caching=True,
    exact_entropies=True,
    probe_tokens=8,
    probe_tolerance=1e-3,
)
Some = TypeVar("Some", bound=Section)


def changed(section: Some, **changes: Any) -> Some:
    """The section with other values, which are held against its limits."""
    return type(section).model_validate({**dict(section), **changes})
