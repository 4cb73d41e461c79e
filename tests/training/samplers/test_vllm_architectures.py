"""Untied embeddings and Gemma-3 through vLLM; models of ``transformers`` are the trainer's side."""

from pathlib import Path

import pytest
import torch

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.makers.settings import changed
from tests.training.samplers.vllm_policies import (
    ENGINE,
    LONGEST,
    check_against,
    draw,
    make_transformer,
    sampler_over,
    score_by_transformer,
)
from workflow_scripts.training.samplers.protocol import SamplerOutOfStep


@pytest.mark.parametrize("kind", ["untied qwen2", "gemma3"])
def test_they_follow_a_sync(tmp_path: Path, kind: str) -> None:
    model, other = make_transformer(1, kind), make_transformer(2, kind)
    model.save_pretrained(tmp_path)
    with sampler_over(tmp_path, score_by_transformer(model), changed(ENGINE, exact_entropies=False)) as sampler:
        assert sampler.probe() < 1e-4
        check_against(lambda ids: model(ids).logits, draw(sampler, [0, 1, 2, 3]), exact=False)
        model.load_state_dict(other.state_dict())
        with pytest.raises(SamplerOutOfStep):
            sampler.probe()
        sampler.synchronise(model.state_dict())
        sampled = draw(sampler, [0, 1, 2, 3], num_alter_tokens=4)
        check_against(lambda ids: model(ids).logits, sampled, exact=False)
        # Four alternatives are not the whole distribution.
        assert not sampled.entropy_known
        assert sampled.finite
        within = torch.arange(LONGEST) < sampled.lengths.unsqueeze(1)
        assert sampled.entropies[within].isnan().all()
        assert not sampled.entropies[~within].any()
