"""A GGUF file becomes a folder with the same model: its weights as exact as they were, its tokens its own."""

from pathlib import Path

import pytest
import torch
from gguf import GGMLQuantizationType

from tests.models.gguf_files import TEMPLATE, make_llama, write_gguf
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.models.gguf_model import write_dequantised
from workflow_scripts.models.hugging_face import load_policy
from workflow_scripts.models.prompts import prompt_format

IDS = torch.tensor([[1, 5, 9, 30, 2]])


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("tied", [True, False])
def test_what_is_not_quantised_stays_as_it_is(tied: bool, tmp_path: Path, output: Path) -> None:
    network = make_llama(tied)
    assert write_dequantised(write_gguf(tmp_path / "model.gguf", network), output) == []
    policy = load_policy(output)
    torch.testing.assert_close(policy(IDS), network(IDS).logits)
    assert policy.config.tie_word_embeddings is tied
    assert ("lm_head.weight" in policy.state_dict()) is not tied


def test_quantised_weights_are_near_and_can_be_trained(tmp_path: Path, output: Path) -> None:
    network = make_llama()
    file = write_gguf(tmp_path / "model.gguf", network, GGMLQuantizationType.Q4_1)
    assert write_dequantised(file, output) == ["Q4_1"]
    assert "quantization_config" not in read_json(output / "config.json")
    policy, exact = load_policy(output), network.state_dict()
    for name, weight in policy.state_dict().items():
        # 16 levels over the range of a block of 32 weights, then bfloat16.
        assert (weight - exact[name]).abs().max() < exact[name].abs().max() / 12, name
    assert any((weight != exact[name]).any() for name, weight in policy.state_dict().items())
    policy(IDS).sum().backward()
    assert all(parameter.grad is not None for parameter in policy.parameters())


def test_its_tokens_and_its_template_are_its_own(tmp_path: Path, output: Path) -> None:
    write_dequantised(write_gguf(tmp_path / "model.gguf", make_llama()), output)
    assert (output / "chat_template.jinja").read_text() == TEMPLATE
    prompts = prompt_format("chat", output)
    assert prompts.tokenizer.encode("x =  10").tokens == ["x", "Ġ", "=", "ĠĠ", "1", "0"]
    assert prompts.end_tokens == {0}


def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, output: Path) -> None:
    whole = write_gguf(tmp_path / "model.gguf", make_llama()).read_bytes()
    cut, other = tmp_path / "cut.gguf", tmp_path / "other.gguf"
    cut.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"no model")
    unknown = write_gguf(tmp_path / "unknown.gguf", make_llama(), architecture="abacus")
    for file, words in ((cut, "no model that can"), (other, "is no GGUF file"), (unknown, "no model that can")):
        with pytest.raises(UserError, match=f"^{file}: {words}") as raised:
            write_dequantised(file, output)
        assert "\n" not in str(raised.value)
