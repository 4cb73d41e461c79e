"""Decoding from a cache, token by token, gives what the full forward pass gives."""

import pytest
import torch

from tests.models.test_qwen2 import HEADS, random_ids
from tests.models.tiny_models import make_model
from workflow_scripts.models.decoding import IncrementalDecoder
from workflow_scripts.models.qwen2 import KeyValueCache


@torch.inference_mode()
@pytest.mark.parametrize("biased", [True, False], ids=["qwen2", "llama"])
@pytest.mark.parametrize(("heads", "key_heads"), HEADS)
def test_decoding_with_a_cache_equals_the_full_forward_pass(heads: int, key_heads: int, biased: bool) -> None:
    sizes = {"hidden_size": 8 * heads, "num_attention_heads": heads, "num_key_value_heads": key_heads}
    model = make_model(**sizes, attention_bias=biased)
    lengths, width, steps = torch.tensor([5, 2, 7]), 7, 6
    prompts, continuation = random_ids(3, width), random_ids(3, steps, seed=2)
    hidden, cache = model.prefill(prompts)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(hidden[row, :length], model.hidden(prompts[row : row + 1, :length])[0])
    prompt_cache, cache = cache, KeyValueCache.empty(model.shape, 5, width + steps)
    cache.put(range(3), prompt_cache)
    bias = torch.zeros(3, width + steps)
    bias[:, :width].masked_fill_(torch.arange(width) >= lengths.unsqueeze(1), -torch.inf)
    decoder = IncrementalDecoder(model, width + steps)
    for step in range(steps):
        logits = decoder.step(continuation[:, step], lengths + step, width + step, cache, bias)
        for row, length in enumerate(lengths.tolist()):
            whole = torch.cat((prompts[row, :length], continuation[row, : step + 1])).unsqueeze(0)
            torch.testing.assert_close(logits[row], model(whole)[0, -1], atol=1e-5, rtol=1e-5)
