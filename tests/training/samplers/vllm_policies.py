"""Small policies made on the spot as folders that vLLM loads, and samplers over them.

vLLM's attention on a CPU takes heads of 32 dimensions and more.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.makers.settings import ENGINE
from tests.models.tiny_models import make_model
from tests.training.sampler_contract import assert_scored_by
from workflow_scripts.core.training_models import Vllm
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.samplers.protocol import Score
from workflow_scripts.training.samplers.sampling import Sampled
from workflow_scripts.training.samplers.vllm_sampler import VllmSampler

SIZES = {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 2, "num_key_value_heads": 1}
END = 0
LONG = [1 + number * 7 % 36 for number in range(300)]  # more than two blocks of the prefix cache
PROMPTS = [[5, 6, 7], [8], LONG, [3, 3]]
SEEDS = [101, 202, 303, 404]
GROUP, TEMPERATURE, LONGEST = 6, 0.7, 24


def make_policy(seed: int, vocabulary: int = 37, **changes: int) -> Qwen2LM:
    return make_model(seed, vocabulary, **(SIZES | changes))


def save_policy(model: Qwen2LM, folder: Path) -> Path:
    """The policy in Hugging Face format, without a tokenizer."""
    folder.mkdir()
    config = asdict(model.shape) | {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "max_position_embeddings": 1024,
        "dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def make_transformer(seed: int, kind: str) -> Any:
    """A random model of ``transformers``: an untied Qwen2 or a (tied) Gemma-3, of 37 tokens."""
    from transformers import Gemma3ForCausalLM, Gemma3TextConfig, Qwen2Config, Qwen2ForCausalLM

    common = SIZES | {"vocab_size": 37, "num_hidden_layers": 2, "max_position_embeddings": 1024}
    torch.manual_seed(seed)
    if kind == "untied qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**common, tie_word_embeddings=False, initializer_range=0.3)).eval()
    layers = ["sliding_attention", "full_attention"]
    config = Gemma3TextConfig(
        **common, head_dim=32, sliding_window=64, layer_types=layers, initializer_range=0.3, query_pre_attn_scalar=32
    )
    return Gemma3ForCausalLM(config).eval()


def score_by_transformer(model: Any) -> Score:
    """Log-probabilities by a full forward pass."""

    @torch.no_grad()
    def score(prompt: Sequence[int], tokens: Sequence[int]) -> Tensor:
        return model(torch.tensor([[*prompt, *tokens]])).logits[0, len(prompt) - 1 : -1].float().log_softmax(-1)

    return score


@contextmanager
def sampler_over(folder: Path, score: Score, settings: Vllm = ENGINE) -> Iterator[VllmSampler]:
    sampler = VllmSampler(folder, settings, score)
    try:
        yield sampler
    finally:
        sampler.close()


def draw(sampler: VllmSampler, rows: list[int], longest: int = LONGEST, num_alter_tokens: int = 0) -> Sampled:
    """Samples of these prompts."""
    prompts, seeds = [PROMPTS[row] for row in rows], [SEEDS[row] for row in rows]
    return sampler.sample(prompts, seeds, GROUP, TEMPERATURE, longest, (END,), num_alter_tokens)


def check_against(forward: Callable[[Tensor], Tensor], sampled: Sampled, exact: bool = True) -> None:
    """Hold the samples of all prompts against logits [B, L, V] of ids [B, L]; ``exact``: their entropies too."""
    assert_scored_by(forward, PROMPTS, sampled, TEMPERATURE, atol=1e-4, rtol=0, exact=exact)
