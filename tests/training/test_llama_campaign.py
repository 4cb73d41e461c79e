"""A Llama model in a Hugging Face folder is trained by the project's own decoder, and comes out as a Llama model."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, LlamaConfig

from tests.models.tiny_models import make_tokenizer
from tests.models.tiny_policies import random_ids, spread
from tests.training.test_train_campaign import SETTINGS, inputs, train
from workflow_scripts.core.files import read_json
from workflow_scripts.models.hugging_face import HuggingFacePolicy, build_policy, write_policy
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.policies import StoredPolicy, load

__all__ = ["inputs"]  # a fixture


def write_llama(folder: Path, **changes: object) -> Path:
    tokenizer = make_tokenizer()
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=24, intermediate_size=40, num_hidden_layers=2,
        num_attention_heads=3, num_key_value_heads=1, rms_norm_eps=1e-5, rope_theta=1e5,
        max_position_embeddings=256, **({"tie_word_embeddings": True} | changes),
    )  # fmt: skip
    folder.mkdir()
    write_policy(folder, spread(build_policy(config)))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_trained_llama_is_the_same_model_in_transformers(inputs: Path, tmp_path: Path) -> None:
    base = write_llama(tmp_path / "llama")
    done = train(inputs, tmp_path / "c01", **{"base-model": base, "settings": json.dumps(SETTINGS)})
    assert done.returncode == 0, done.stderr
    trace = read_json(tmp_path / "c01" / "trace.json", schema="trace")
    assert trace["status"] == "completed"
    assert all(step["grad_norm"] > 0 for step in trace["steps"])
    ids, end = random_ids(2, 9), tmp_path / "c01" / "end"
    ours, before = load(end), load(base)
    assert isinstance(ours, Qwen2LM)
    with torch.no_grad():
        logits = ours(ids)
        theirs = AutoModelForCausalLM.from_pretrained(end)(input_ids=ids).logits
        assert not torch.allclose(logits, before.logits(before.hidden(ids)), atol=1e-4)
    torch.testing.assert_close(logits, theirs, atol=1e-4, rtol=1e-4)


def test_a_stored_policy_scores_as_the_one_in_memory_and_holds_nothing(tmp_path: Path) -> None:
    folder = write_llama(tmp_path / "llama")
    policy = load(folder)
    assert isinstance(policy, Qwen2LM)
    stored = StoredPolicy(policy, folder)
    rows = [row.tolist() for row in random_ids(3, 9)]
    expected = policy.logits(policy.completion_hidden(rows, [4, 4, 4]))
    with torch.no_grad():
        policy.model.norm.weight.zero_()  # it goes on as the folder's
    for _ in range(2):
        assert torch.equal(stored.logits(stored.completion_hidden(rows, [4, 4, 4])), expected)
        assert not any(parameter.numel() for parameter in stored.policy.parameters())


@pytest.mark.parametrize(
    "changes",
    [
        {"tie_word_embeddings": False},
        {"attention_bias": True},
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 2.0}},
    ],
)
def test_another_kind_of_llama_is_left_to_transformers(tmp_path: Path, changes: dict) -> None:
    assert isinstance(load(write_llama(tmp_path / "llama", **changes)), HuggingFacePolicy)
