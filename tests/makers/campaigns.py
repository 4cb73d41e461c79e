"""What a small campaign is made from: settings, limits, a base model and problems that some of its texts solve."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tokenizers import Tokenizer

from tests.grading.conftest import LIMITS
from tests.models.tiny_models import make_model
from tests.training.declared_rules import REINFORCE
from tests.training.synthetic_rollouts import make_problem
from workflow_scripts.core.files import write_json
from workflow_scripts.training.settings import TrainingSettings

SETTINGS = TrainingSettings(
    update_rule=REINFORCE,
    group_size=4,
    prompts_per_step=2,
    temperature=0.7,
    max_completion_tokens=6,
    warmup_steps=2,
    optimizer="adam",
    adam_betas=[0.9, 0.999],
    weight_decay=0.0,
    measure_kl=True,
    max_grad_norm=1.0,
    probe_steps=[0, 2, 4, 9],
    probe_samples=2,
    probe_problems=None,
    prompt_format="plain",
    sharding=None,
    vllm=None,
)
LIMIT_VALUES = asdict(replace(LIMITS, cpu_seconds=2.0, wall_seconds=20.0, memory_bytes=1 << 28, stack_bytes=1 << 28))


def write_base_model(folder: Path, tokenizer: Tokenizer) -> Path:
    """A random model of two layers for this tokenizer's tokens, which is not written, in Hugging Face format."""
    model = make_model(seed=4, vocabulary=tokenizer.get_vocab_size())
    folder.mkdir(exist_ok=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "config.json", {**vars(model.shape), "model_type": "qwen2", "tie_word_embeddings": True})
    return folder


def answered_problems(count: int) -> list[dict[str, Any]]:
    """Problems whose prompts return the result already: programs with a harmless continuation pass."""
    return [make_problem(n) | {"prompt": f"def f(x):\n    return x + {n}\n#"} for n in range(count)]
