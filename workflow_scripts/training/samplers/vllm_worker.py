"""What runs inside each worker of a vLLM engine; the engine mixes this class into its own worker by name."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

INPUT_EMBEDDING, OUTPUT_PROJECTION = "model.embed_tokens.weight", "lm_head.weight"


def with_tied_projection(weights: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """The weights of a model with tied embeddings, with the output projection under a name of its own.

    A checkpoint leaves it out. The engine loads layer by layer and then keeps the old, packed projection, silently:
    the policy that samples would have new layers under an old head.
    """
    for name, tensor in weights.items():
        yield name, tensor
        if name.endswith(INPUT_EMBEDDING):
            yield name.removesuffix(INPUT_EMBEDDING) + OUTPUT_PROJECTION, tensor


class PolicyLoading:
    """Mixed into the engine's worker: ``reload_weights`` and ``model_runner`` are the worker's own."""

    reload_weights: Any
    model_runner: Any

    def load_policy(self, weights: Mapping[str, Tensor]) -> None:
        """Replace the model's weights in place; names as in the checkpoint, data types are converted.

        The cache is cleared with them: attention multiplies unused slots by 0, and where a policy that was not finite
        left NaN there, every later one would read NaN.
        """
        tied = self.model_runner.model_config.hf_text_config.tie_word_embeddings
        self.reload_weights(weights_iterator=with_tied_projection(weights) if tied else iter(weights.items()))
        for cache in self.model_runner.kv_caches:
            cache.zero_()
