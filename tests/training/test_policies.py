"""A campaign trains whatever family its base model's folder holds, through the same entry point."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.models.tiny_models import make_model, make_tokenizer
from tests.training.test_train_campaign import SETTINGS, inputs, train
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.models.descriptions import read_configuration
from workflow_scripts.models.hugging_face import build_policy, load_policy, write_policy
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.policies import load, sampler_for

__all__ = ["inputs"]  # a fixture


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import Gemma3TextConfig

    folder, tokenizer = tmp_path_factory.mktemp("gemma"), make_tokenizer()
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, head_dim=8, query_pre_attn_scalar=8, sliding_window=6,
        layer_types=["sliding_attention", "full_attention"], tie_word_embeddings=True, max_position_embeddings=256,
    )  # fmt: skip
    write_policy(folder, build_policy(config))
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_gemma3_campaign_runs_twice_to_the_byte(inputs: Path, gemma: Path, tmp_path: Path) -> None:
    traces = []
    for name in ("one", "two"):
        done = train(inputs, tmp_path / name, **{"base-model": gemma, "settings": json.dumps(SETTINGS)})
        assert done.returncode == 0, done.stderr
        traces.append((tmp_path / name / "trace.json").read_bytes())
    assert traces[0] == traces[1]
    trace = read_json(tmp_path / "one" / "trace.json", schema="trace")
    assert (trace["status"], len(trace["steps"])) == ("completed", 2)
    assert all(step["grad_norm"] > 0 for step in trace["steps"])
    before, after = load_policy(gemma).state_dict(), load_policy(tmp_path / "one" / "end").state_dict()
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    # The next campaign starts from this one's checkpoint.
    assert read_configuration(tmp_path / "one" / "end")["model_type"] == "gemma3_text"


def test_qwen2_keeps_the_projects_own_decoder(inputs: Path) -> None:
    policy = load(inputs / "base")
    assert isinstance(policy, Qwen2LM)
    assert type(sampler_for(policy)).__name__ == "DecodeLoopSampler"


def test_a_sampler_of_its_own_is_brought_up_to_date() -> None:
    from tests.training.test_campaign import run

    class Counting:
        def __init__(self) -> None:
            self.model = make_model(seed=9, vocabulary=make_tokenizer().get_vocab_size())
            self.inner, self.synchronised = sampler_for(self.model), 0

        def sample(self, *arguments: Any) -> Any:
            return self.inner.sample(*arguments)

        def synchronise(self, weights: dict[str, torch.Tensor]) -> None:
            self.model.load_state_dict(weights)
            self.synchronised += 1

        def close(self) -> None: ...

    sampler = Counting()
    apart, shared = run(sampler=sampler), run()
    assert sampler.synchronised == 1 + len(apart.steps)
    assert apart.steps == shared.steps
    assert apart.probe == shared.probe


def test_a_folder_without_a_family_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"config\.json: names no model_type"):
        load(tmp_path)
