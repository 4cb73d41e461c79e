"""The decoder of Qwen2 and Llama in plain PyTorch, for models so small that a processor samples from and trains them.

Parameters carry the names of ``transformers``' own classes, so that a folder saved by one loads in the other; a test
holds the forward passes together. Importing transformers takes 2.2 s (a whole tiny campaign takes about 6 s), and its
forward pass at batch 64 takes twice as long per decoded token.

Architecture: Qwen2.5 technical report (arXiv:2412.15115, section 2): pre-norm with RMSNorm, rotary positions,
grouped-query attention with biases on q, k and v, SwiGLU, tied embeddings at small sizes. Llama's
(arXiv:2407.21783, section 3.2) is the same without biases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from workflow_scripts.core.digests import check_seal
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.descriptions import CONFIGURATION, read_configuration
from workflow_scripts.models.prefix_trees import NODES_BEHIND_PROMPT, grow_trees

FAMILIES = ("qwen2", "llama")


@dataclass(frozen=True)
class Qwen2Shape:
    """The part of a Hugging Face ``config.json`` that defines the forward pass."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    rms_norm_eps: float
    rope_theta: float
    attention_bias: bool = True  # of q, k and v

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads

    @property
    def cached_per_token(self) -> int:
        """How many numbers the keys and values of one token are."""
        return 2 * self.num_hidden_layers * self.num_key_value_heads * self.head_dim


class RMSNorm(nn.Module):
    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, self.epsilon)


def rotary_table(positions: Tensor, head_dim: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each positions.shape + (head_dim,), in Qwen2's half-split layout."""
    frequencies = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    angles = positions.to(torch.float32).unsqueeze(-1) * frequencies
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cosines + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sines


class Attention(nn.Module):
    def __init__(self, shape: Qwen2Shape) -> None:
        super().__init__()
        self.heads, self.key_heads, self.head_dim = (
            shape.num_attention_heads,
            shape.num_key_value_heads,
            shape.head_dim,
        )
        self.q_proj = nn.Linear(shape.hidden_size, self.heads * self.head_dim, bias=shape.attention_bias)
        self.k_proj = nn.Linear(shape.hidden_size, self.key_heads * self.head_dim, bias=shape.attention_bias)
        self.v_proj = nn.Linear(shape.hidden_size, self.key_heads * self.head_dim, bias=shape.attention_bias)
        self.o_proj = nn.Linear(self.heads * self.head_dim, shape.hidden_size, bias=False)

    def project(self, x: Tensor, cosines: Tensor, sines: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotated queries [B, heads, L, d], rotated keys and values [B, key_heads, L, d] of x [B, L, hidden]."""
        batch, length, _ = x.shape
        query = self.q_proj(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        key = self.k_proj(x).view(batch, length, self.key_heads, self.head_dim).transpose(1, 2)
        value = self.v_proj(x).view(batch, length, self.key_heads, self.head_dim).transpose(1, 2)
        return rotate(query, cosines, sines), rotate(key, cosines, sines), value

    def attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Causal attention [B, L, hidden] of queries [B, heads, L, d] to keys and values [B, key_heads, L, d]."""
        out = F.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
        return self.o_proj(out.transpose(1, 2).flatten(2))

    def attend_within(self, query: Tensor, key: Tensor, value: Tensor, biases: Sequence[Tensor]) -> Tensor:
        """As ``attend``, within stretches of the L tokens; ``biases`` [S, S]: what is added to the scores of each."""
        lengths = [len(bias) for bias in biases]
        stretches = zip(*(x.split(lengths, dim=2) for x in (query, key, value)), biases, strict=True)
        out = [
            F.scaled_dot_product_attention(q, k, v, attn_mask=bias, enable_gqa=True).transpose(1, 2)
            for q, k, v, bias in stretches
        ]
        return self.o_proj(torch.cat(out, dim=1).flatten(2))


class MLP(nn.Module):
    def __init__(self, shape: Qwen2Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class DecoderLayer(nn.Module):
    def __init__(self, shape: Qwen2Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = MLP(shape)
        self.input_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)


class Decoder(nn.Module):
    def __init__(self, shape: Qwen2Shape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.num_hidden_layers))
        self.norm = RMSNorm(shape.hidden_size, shape.rms_norm_eps)

    def blocks(self) -> Sequence[DecoderLayer]:
        """The layers, by their own type."""
        return cast(Sequence[DecoderLayer], self.layers)


class KeyValueCache:
    """Keys and values of every layer at fixed slots: [layers, B, key_heads, slots, d] each."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        self.keys, self.values = keys, values

    @classmethod
    def empty(cls, shape: Qwen2Shape, batch: int, slots: int) -> "KeyValueCache":
        size = (shape.num_hidden_layers, batch, shape.num_key_value_heads, slots, shape.head_dim)
        return cls(torch.zeros(size), torch.zeros(size))

    def put(self, rows: Sequence[int], other: "KeyValueCache") -> None:
        """Take another cache's rows and slots over to the first slots of ``rows``."""
        slots = other.keys.shape[3]
        self.keys[:, rows, :, :slots], self.values[:, rows, :, :slots] = other.keys, other.values

    def copy(self, sources: Sequence[int], targets: Sequence[int], slots: int) -> None:
        """Copy the first ``slots`` slots of rows ``sources`` to rows ``targets``; no row is both."""
        if sources:
            for x in (self.keys, self.values):
                x[:, targets, :, :slots] = x[:, sources, :, :slots]


class Qwen2LM(nn.Module):
    """A Qwen2 or Llama causal language model with tied embeddings."""

    def __init__(self, shape: Qwen2Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Decoder(shape)

    @property
    def output_weight(self) -> Tensor:
        """The output projection [V, hidden]; tied to the input embedding."""
        return self.model.embed_tokens.weight

    def hidden(self, ids: Tensor) -> Tensor:
        """Final hidden states [B, L, hidden] of right-padded ``ids`` [B, L]; causal, so the padding changes nothing."""
        return self._states(ids, torch.arange(ids.shape[1]), Attention.attend)

    def completion_hidden(self, tokens: Sequence[Sequence[int]], prompt_lengths: Sequence[int]) -> Tensor:
        """Final hidden states [K, hidden] that predict the K completion tokens of these rows, row by row.

        Each distinct prefix of the rows is computed once; autograd sums what its states contribute to several.
        """
        # Nothing is predicted from a row's last token.
        largest = max(NODES_BEHIND_PROMPT, 2 * self.shape.hidden_size)
        trees = grow_trees([row[:-1] for row in tokens], prompt_lengths, largest)
        biases = [bias.to(self.output_weight) for bias in trees.biases]
        states = self._states(
            trees.tokens.unsqueeze(0), trees.positions, partial(Attention.attend_within, biases=biases)
        )
        pairs = zip(trees.paths, prompt_lengths, strict=True)
        predicted_from = torch.tensor([node for path, length in pairs for node in path[length - 1 :]])
        return states[0].index_select(0, predicted_from)

    def _states(self, ids: Tensor, positions: Tensor, attend: Callable[..., Tensor]) -> Tensor:
        """Final hidden states [B, L, hidden] of ``ids`` [B, L] at ``positions`` [L]."""
        cosines, sines = rotary_table(positions, self.shape.head_dim, self.shape.rope_theta)
        x = self.model.embed_tokens(ids)
        for layer in self.model.blocks():
            query, key, value = layer.self_attn.project(layer.input_layernorm(x), cosines, sines)
            x = x + attend(layer.self_attn, query, key, value)
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return self.model.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] of hidden states [..., hidden]."""
        return F.linear(hidden, self.output_weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, L, V] of right-padded ``ids`` [B, L]."""
        return self.logits(self.hidden(ids))

    def prefill(self, ids: Tensor) -> tuple[Tensor, KeyValueCache]:
        """Hidden states [B, L, hidden] of right-padded prompts [B, L] and the cache of their keys and values."""
        cosines, sines = rotary_table(torch.arange(ids.shape[1]), self.shape.head_dim, self.shape.rope_theta)
        cache = KeyValueCache.empty(self.shape, ids.shape[0], ids.shape[1])
        x = self.model.embed_tokens(ids)
        for index, layer in enumerate(self.model.blocks()):
            query, key, value = layer.self_attn.project(layer.input_layernorm(x), cosines, sines)
            cache.keys[index], cache.values[index] = key, value
            x = x + layer.self_attn.attend(query, key, value)
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return self.model.norm(x), cache


def refusal(config: Mapping[str, Any]) -> str | None:
    """Why this decoder is not what a config.json describes, as "key: value: reason"; None where it is."""
    kind, rope = config.get("model_type"), config.get("rope_parameters") or config
    if kind not in FAMILIES:
        return f"model_type: {kind!r}: this loader takes {' and '.join(map(repr, FAMILIES))} alone"
    head_dim = config.get("head_dim")
    required = {
        "tie_word_embeddings": (config.get("tie_word_embeddings"), True),
        "hidden_act": (config.get("hidden_act", "silu"), "silu"),
        "use_sliding_window": (config.get("use_sliding_window", False), False),
        "attention_bias": (config.get("attention_bias", kind == "qwen2"), kind == "qwen2"),
        "mlp_bias": (config.get("mlp_bias", False), False),
        "rope_type": (rope.get("rope_type", "default") if isinstance(rope, dict) else "default", "default"),
        "rope_scaling": (config.get("rope_scaling"), None),
        "head_dim x num_attention_heads": (
            head_dim and head_dim * config.get("num_attention_heads", 0),
            head_dim and config.get("hidden_size"),
        ),
    }
    for key, (value, supported) in required.items():
        if value != supported:
            return f"{key}: {value!r}: this loader takes {supported!r} alone"
    return None


def read_shape(folder: Path | str) -> Qwen2Shape:
    """The shape in a Hugging Face model folder; a model that is not this decoder's is a ``UserError``."""
    path = Path(folder) / CONFIGURATION
    config = read_configuration(Path(folder))
    if reason := refusal(config):
        raise UserError(f"{path}: {reason}")
    rope = config.get("rope_parameters") or config
    if not isinstance(rope, dict):
        raise UserError(f"{path}: rope_parameters: {rope!r}: expected an object")
    fields: dict[str, Any] = {name: config.get(name) for name in Qwen2Shape.__dataclass_fields__} | {
        "rope_theta": rope.get("rope_theta"),
        "attention_bias": config["model_type"] == "qwen2",
    }
    for name, value in fields.items():
        if value is None:
            raise UserError(f"{path}: {name}: is missing")
        kind = Qwen2Shape.__annotations__[name]
        if type(value) not in ((int, float) if kind is float else (kind,)) or not (kind is bool or value > 0):
            raise UserError(f"{path}: {name}: {value!r}: expected a number above 0")
    for name, part in (("hidden_size", "num_attention_heads"), ("num_attention_heads", "num_key_value_heads")):
        if fields[name] % fields[part]:
            raise UserError(f"{path}: {part}: {fields[part]} does not divide {name}, {fields[name]}")
    return Qwen2Shape(**fields)


def weights_file(folder: Path | str) -> Path:
    return Path(folder) / "model.safetensors"


def load_model(folder: Path | str) -> Qwen2LM:
    """The model in a Hugging Face folder (config.json, model.safetensors), in float32 on the CPU.

    A folder that is damaged, and weights other than config.json describes, are a ``UserError``.
    """
    check_seal(Path(folder))
    shape, path = read_shape(folder), weights_file(folder)
    if not path.is_file():
        raise UserError(f"{path}: is missing: this loader takes weights in one file of that name")
    try:
        model = Qwen2LM(shape)
        model.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not the weights that config.json describes: {' '.join(str(error).split())}") from None
    return model
