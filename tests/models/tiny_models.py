"""Random models and tokenizers of a few thousand parameters, made in a test."""

import torch
from tokenizers import Tokenizer

from workflow_scripts.models.prompts import PromptFormat
from workflow_scripts.models.qwen2 import Qwen2LM, Qwen2Shape
from workflow_scripts.models.tokenization import end_of_text, train_tokenizer

CODE = ["def f(x):\n    return x + 1\n", "def g(values):\n    return sorted(values)[::-1]\n", "    return len(text)\n"]


def make_shape(vocabulary: int = 37, **changes: int) -> Qwen2Shape:
    sizes = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    return Qwen2Shape(vocab_size=vocabulary, rms_norm_eps=1e-6, rope_theta=10000.0, **(sizes | changes))


def make_model(seed: int = 0, vocabulary: int = 37, spread: float = 0.3, **changes: int) -> Qwen2LM:
    """Weights are normal with this standard deviation: wide enough that no two tokens are equally likely."""
    model = Qwen2LM(make_shape(vocabulary, **changes))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(spread * torch.randn(parameter.shape, generator=generator) + (parameter.ndim == 1))
    return model


def make_tokenizer() -> Tokenizer:
    return train_tokenizer(CODE, 280)


def plain_prompts(tokenizer: Tokenizer) -> PromptFormat:
    """A problem's prompt as it stands."""
    return PromptFormat(
        tokenizer, frozenset({end_of_text(tokenizer)}), lambda problem: problem["prompt"], adds_special_tokens=True
    )
