"""Weights and descriptions that were damaged on disk: one line that names the file, in whatever reads them."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.damage import DAMAGES, cut_in_half
from tests.evaluation import test_sample_checkpoint
from tests.models.test_prompts import CHATML, model_folder
from tests.models.tiny_policies import gemma3_config
from tests.training import test_train_campaign
from tests.training.test_train_campaign import PLAN, inputs
from workflow_scripts.core import cli
from workflow_scripts.core.digests import DIGESTS
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.evaluation import sample_checkpoint
from workflow_scripts.models import fetch_model
from workflow_scripts.models.hugging_face import build_policy, load_policy, save_policy
from workflow_scripts.models.prompts import prompt_format
from workflow_scripts.training import train_campaign
from workflow_scripts.training.policies import load
from workflow_scripts.training.resumption.checkpoints import write_checkpoint

__all__ = ["inputs"]  # a fixture


@pytest.fixture
def campaign(inputs: Path, tmp_path: Path) -> Path:
    """The folder of a campaign with the checkpoints that it leaves."""
    weights = load(inputs / "base").state_dict()
    for name in ("peak", "end", "step002"):
        write_checkpoint(tmp_path / "c01" / name, weights, inputs / "base")
    return tmp_path / "c01"


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "gemma"
    save_policy(folder, build_policy(gemma3_config()))
    return folder


def line_of(monkeypatch: pytest.MonkeyPatch, main: Callable[[], None], words: list[str]) -> str:
    """The one line in which a script's command ends."""
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as caught:
        cli.run(main)
    message = str(caught.value.code)
    assert "\n" not in message
    return message


def train(monkeypatch: pytest.MonkeyPatch, inputs: Path, output: Path, **changes: Any) -> str:
    return line_of(monkeypatch, train_campaign.main, test_train_campaign.command(inputs, output, **changes)[2:])


def sample(monkeypatch: pytest.MonkeyPatch, inputs: Path, output: Path, **changes: Any) -> str:
    words = test_sample_checkpoint.options(inputs, output, **{"problems": inputs / "probe.jsonl"} | changes)
    return line_of(monkeypatch, sample_checkpoint.main, ["sample_checkpoint", *words])


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("which", ["peak", "end", "step002"])
def test_weights_that_were_damaged_are_neither_trained_nor_sampled_nor_copied(
    inputs: Path,
    campaign: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    which: str,
    damage: Callable[[Path], None],
) -> None:
    damage(campaign / which / "model.safetensors")
    damaged = f"error: {campaign}/{which}/model.safetensors: is damaged: "
    assert train(monkeypatch, inputs, tmp_path / "again", **{"base-model": campaign / which}).startswith(damaged)
    if which != "step002":
        plan = PLAN | {"controller": "A3", "campaign": 2, "action": "reuse"}
        write_json(tmp_path / "plan.json", plan | {"init": {"campaign": 1, "checkpoint": which}}, schema="plan")
        changes = {"plan": tmp_path / "plan.json", "previous": campaign}
        assert train(monkeypatch, inputs, tmp_path / "c02", **changes).startswith(damaged)
        assert not (tmp_path / "c02" / "trace.json").exists()
    output = tmp_path / "samples.parquet"
    assert sample(monkeypatch, inputs, output, checkpoint=campaign / which).startswith(damaged)
    words = ["fetch_model", f"--source={campaign / which}", "--revision=main", f"--output={tmp_path / 'copy'}"]
    assert line_of(monkeypatch, fetch_model.main, words).startswith(damaged)
    assert not output.exists()
    assert not (tmp_path / "copy").exists()


def test_an_engine_does_not_start_from_weights_that_were_damaged(campaign: Path) -> None:
    cut_in_half(campaign / "peak" / "model.safetensors")
    settings = sample_checkpoint.parse_vllm(json.dumps(test_sample_checkpoint.VLLM))
    with pytest.raises(UserError, match=r"peak/model\.safetensors: is damaged"):
        sample_checkpoint.open_sampler(campaign / "peak", settings)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_weights_of_another_family_are_checked_too(gemma: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = Path(shutil.copytree(gemma, tmp_path / "gemma"))
    damage(folder / "model.safetensors")
    for reader in (load, load_policy):
        with pytest.raises(UserError, match=r"gemma/model\.safetensors: is damaged"):
            reader(folder)


def test_a_folder_of_somebody_elses_loads_and_weights_that_were_cut_are_named(
    inputs: Path, gemma: Path, tmp_path: Path
) -> None:
    for source in (inputs / "base", gemma):
        folder = Path(shutil.copytree(source, tmp_path / source.name))
        (folder / DIGESTS).unlink(missing_ok=True)
        load(folder)
        cut_in_half(folder / "model.safetensors")
        with pytest.raises(UserError, match=str(folder)) as caught:
            load(folder)
        assert "\n" not in str(caught.value)


DEEP = b"[" * 100_000
NO_OBJECTS = {"cut": b"{", "list": b"[]", "number": b"3", "null": b"null", "not UTF-8": b"\xff{}", "deep": DEEP}


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"])
@pytest.mark.parametrize("content", NO_OBJECTS.values(), ids=NO_OBJECTS)
@pytest.mark.parametrize("kind", ["plain", "chat"])
def test_descriptions_that_are_none_are_named(
    inputs: Path, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    folder = model_folder(tmp_path / "model", CHATML)
    for file in ("config.json", "model.safetensors"):
        shutil.copyfile(inputs / "base" / file, folder / file)
    prompt_format(kind, folder)
    (folder / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        prompt_format(kind, folder)
    message = str(caught.value)
    assert message.startswith(f"{folder}/{name}:")
    assert "\n" not in message
    if name == "config.json":
        with pytest.raises(UserError, match=rf"/{name}:"):
            load(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"[]", b"{}", b"{", DEEP], ids=["list", "empty", "cut", "deep"])
def test_a_damaged_description_ends_a_command_in_one_line(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    folder = Path(shutil.copytree(inputs / "base", tmp_path / "base"))
    (folder / name).write_bytes(content)
    for command, changes in ((train, {"base-model": folder}), (sample, {"checkpoint": folder})):
        line = command(monkeypatch, inputs, tmp_path / "out" / "parquet", **changes)
        assert line.startswith(f"error: {folder}/{name}:")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": "16"}, "hidden_size: '16': expected a number above 0"),
        ({"num_attention_heads": 0}, "num_attention_heads: 0: expected a number above 0"),
        ({"num_hidden_layers": 2.5}, "num_hidden_layers: 2.5: expected a number above 0"),
        ({"num_key_value_heads": 3}, "num_key_value_heads: 3 does not divide num_attention_heads, 4"),
        ({"rope_theta": [1]}, r"rope_theta: \[1\]: expected a number above 0"),
        ({"rope_parameters": [1]}, r"rope_parameters: \[1\]: expected an object"),
        ({"model_type": None}, "names no model_type: None"),
        ({"vocab_size": 10**15}, "not the weights that config.json describes"),
    ],
)
def test_a_key_of_the_configuration_that_is_wrong_is_named(
    inputs: Path, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    folder = Path(shutil.copytree(inputs / "base", tmp_path / "base"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(UserError, match=words) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"hidden_size": "16"}, {"num_hidden_layers": None}, {"layer_types": 3}, {"head_dim": 0}]
)
def test_a_configuration_that_transformers_does_not_take_is_one_line(
    gemma: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    folder = Path(shutil.copytree(gemma, tmp_path / "gemma"))
    (folder / DIGESTS).unlink()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    with pytest.raises(UserError, match=f"{folder}: no model that can be loaded") as caught:
        load(folder)
    assert "\n" not in str(caught.value)
