"""The same decoder, one token at a time: fused weights and few operations, since at this size each dispatch counts.

Built for a sampling call and thrown away with it, because an update changes the weights. A test holds it together with
the full forward pass.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from workflow_scripts.models.qwen2 import DecoderLayer, KeyValueCache, Qwen2LM, rotary_table


@dataclass(frozen=True)
class FusedLayer:
    """A decoder layer's weights: one matrix for q, k and v and one for gate and up, transposed for ``addmm``/``mm``.

    The norms' weights are in the matrices that follow them, the scale of the scores in that of the queries.
    """

    qkv_weight: Tensor
    qkv_bias: Tensor | None
    output_weight: Tensor
    gate_up_weight: Tensor
    down_weight: Tensor

    @classmethod
    def of(cls, layer: DecoderLayer) -> "FusedLayer":
        attention, mlp = layer.self_attn, layer.mlp
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        weight = torch.cat([projection.weight for projection in projections]) * layer.input_layernorm.weight
        bias = None if attention.q_proj.bias is None else torch.cat([projection.bias for projection in projections])
        queries = attention.heads * attention.head_dim
        for part in (weight, bias):
            if part is not None:
                part[:queries] *= attention.head_dim**-0.5
        return cls(
            weight.t().contiguous(),
            bias,
            attention.o_proj.weight.t().contiguous(),
            (torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight]) * layer.post_attention_layernorm.weight)
            .t()
            .contiguous(),
            mlp.down_proj.weight.t().contiguous(),
        )


class IncrementalDecoder:
    """Logits of the next token from a cache, for B rows at a time; to be used under ``torch.inference_mode``."""

    def __init__(self, model: Qwen2LM, positions: int) -> None:
        """``positions``: how many positions, prompt included, can occur."""
        shape = model.shape
        self.heads, self.key_heads, self.head_dim = (
            shape.num_attention_heads,
            shape.num_key_value_heads,
            shape.head_dim,
        )
        self.epsilon = shape.rms_norm_eps
        self.embedding = model.output_weight
        self.output_weight = (model.output_weight * model.model.norm.weight).t().contiguous()
        self.layers = [FusedLayer.of(layer) for layer in model.model.blocks()]
        self.cosines, self.sines = rotary_table(torch.arange(positions), shape.head_dim, shape.rope_theta)
        # rotate(x) = x * cos + swap(x) * sin with the sign of swap's first half folded into the sines
        self.sines[:, : shape.head_dim // 2].neg_()

    def _normalise(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + self.epsilon)

    def _attend(self, query: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
        """Attention [B, heads x d] of queries [B, heads, d] over keys and values [B, key_heads, S, d]."""
        batch = query.shape[0]
        grouped = query.reshape(batch, self.key_heads, -1, self.head_dim)
        scores = torch.matmul(grouped, keys.transpose(2, 3)) + bias
        return torch.matmul(scores.softmax(dim=-1), values).reshape(batch, -1)

    def step(self, ids: Tensor, positions: Tensor, slot: int, cache: KeyValueCache, bias: Tensor) -> Tensor:
        """Logits [B, V] after one more token ``ids`` [B] at ``positions`` [B], in ``slot`` of the cache's first B rows.

        ``bias`` [B, slots] is 0 at the slots that hold a token of the row, ``slot`` included, and -inf elsewhere.
        """
        batch, half = ids.shape[0], self.head_dim // 2
        rotated_heads = self.heads + self.key_heads
        cosines, sines = self.cosines[positions].unsqueeze(1), self.sines[positions].unsqueeze(1)
        bias = bias[:, None, None, : slot + 1]
        x = F.embedding(ids, self.embedding)
        for index, layer in enumerate(self.layers):
            normed, bias_of = self._normalise(x), layer.qkv_bias
            fused = (
                torch.mm(normed, layer.qkv_weight)
                if bias_of is None
                else torch.addmm(bias_of, normed, layer.qkv_weight)
            )
            heads = fused.view(batch, -1, self.head_dim)
            turned = heads[:, :rotated_heads]
            swapped = torch.cat((turned[..., half:], turned[..., :half]), dim=-1)
            turned = turned * cosines + swapped * sines
            keys, values = (x[index, :batch, :, : slot + 1] for x in (cache.keys, cache.values))
            keys[:, :, slot] = turned[:, self.heads :]
            values[:, :, slot] = heads[:, rotated_heads:]
            x = torch.addmm(x, self._attend(turned[:, : self.heads], keys, values, bias), layer.output_weight)
            gate, up = torch.mm(self._normalise(x), layer.gate_up_weight).chunk(2, dim=-1)
            x = torch.addmm(x, F.silu(gate) * up, layer.down_weight)
        return torch.mm(self._normalise(x), self.output_weight)
