"""Sizes of decoder-only language models, and what they imply: parameters, floating-point operations, cache bytes.

The numbers are those of the published config.json files (Qwen2.5 technical report, arXiv:2412.15115, table 1; Gemma 3
technical report, arXiv:2503.19786, section 2). A test holds the parameter counts against the models themselves.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelShape:
    """A decoder with grouped-query attention and a gated MLP.

    ``window``: tokens that a local layer attends to; every ``global_every``-th layer attends to all (1: each does).
    ``norms``: elements of normalisation weights per layer; ``biased``: whether q, k and v have biases.
    """

    family: str
    vocabulary: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_value_heads: int
    head_dim: int
    tied: bool
    biased: bool = True
    window: int = 0
    global_every: int = 1

    @property
    def layer_matrix_parameters(self) -> int:
        """Weights of one layer that multiply activations."""
        attention = 2 * self.hidden * self.head_dim * (self.heads + self.key_value_heads)
        return attention + 3 * self.hidden * self.intermediate

    @property
    def layer_parameters(self) -> int:
        biases = self.head_dim * (self.heads + 2 * self.key_value_heads) if self.biased else 0
        norms = 2 * self.hidden if self.biased else 4 * self.hidden + 2 * self.head_dim
        return self.layer_matrix_parameters + biases + norms

    @property
    def embedding_parameters(self) -> int:
        """Input embedding and output projection, one matrix where they are tied."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        return self.layers * self.layer_parameters + self.embedding_parameters + self.hidden

    def mean_context(self, tokens: float) -> float:
        """How many earlier tokens a token attends to, in the mean over layers and over ``tokens`` positions."""
        everything = tokens / 2
        if not self.window or tokens <= self.window:
            return everything
        local = self.window - self.window**2 / (2 * tokens)
        share = 1 / self.global_every
        return share * everything + (1 - share) * local

    def forward_flops(self, tokens: float, predicted: float) -> float:
        """Operations of a forward pass over one row of ``tokens`` that computes logits at ``predicted`` of them.

        Two per weight and token, and four per head dimension and pair of tokens (Kaplan et al., 2020,
        arXiv:2001.08361, table 1).
        """
        attention = 4 * self.heads * self.head_dim * self.mean_context(tokens)
        layers = self.layers * tokens * (2 * self.layer_matrix_parameters + attention)
        return layers + predicted * 2 * self.vocabulary * self.hidden

    def training_flops(self, tokens: float, predicted: float) -> float:
        """Forward and backward: three times the forward pass; what gradient checkpointing repeats is not counted."""
        return 3 * self.forward_flops(tokens, predicted)

    @property
    def cache_bytes_per_token(self) -> int:
        """Keys and values of all layers in bfloat16, as if no layer were local."""
        return 2 * 2 * self.layers * self.key_value_heads * self.head_dim


SHAPES = {
    "tiny": ModelShape("qwen2", 512, 96, 256, 3, 4, 2, 24, tied=True),
    "Qwen2.5-0.5B": ModelShape("qwen2", 151936, 896, 4864, 24, 14, 2, 64, tied=True),
    "Qwen2.5-3B": ModelShape("qwen2", 151936, 2048, 11008, 36, 16, 2, 128, tied=True),
    "Qwen2.5-7B": ModelShape("qwen2", 152064, 3584, 18944, 28, 28, 4, 128, tied=False),
    "Qwen2.5-32B": ModelShape("qwen2", 152064, 5120, 27648, 64, 40, 8, 128, tied=False),
    "gemma-3-4b": ModelShape(
        "gemma3", 262208, 2560, 10240, 34, 8, 4, 256, tied=True, biased=False, window=1024, global_every=6
    ),
}
