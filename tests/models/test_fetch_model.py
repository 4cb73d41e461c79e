"""A model is taken whole from a hub or a folder, an interrupted download goes on, and mistakes are one clear line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.models.hub_server import COMMIT, NAME, Hub, serve
from tests.models.tiny_policies import save_with_images
from tests.patience import PATIENCE_SECONDS
from workflow_scripts.core.digests import sealed_digests
from workflow_scripts.core.files import read_json
from workflow_scripts.models.hugging_face import load_policy

PROJECT = Path(__file__).resolve().parents[2]
SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
KEPT = {"config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors.index.json", *SHARDS}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A model of two shards, with files that nobody needs."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in (*KEPT, "README.md", "pytorch_model.bin"):
        (folder / name).write_text(f"{name} " * 4000)
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2"}))
    weights = {"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[1]}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[Hub]:
    with serve(published) as hub:
        yield hub


def fetch(
    source: str | Path, output: Path, revision: str = "main", address: str = "http://127.0.0.1:9"
) -> subprocess.CompletedProcess[str]:
    """Run the script on a hub at this address; nothing listens at the one given here."""
    command = [sys.executable, "-m", "workflow_scripts.models.fetch_model"]
    options = [f"--source={source}", f"--revision={revision}", f"--output={output}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "HF_ENDPOINT": address,
        "HF_HOME": str(output.parent / "hub-home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "no_proxy": "127.0.0.1",
    }
    return subprocess.run(
        [*command, *options], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )


def test_of_a_model_with_images_the_decoder_of_text_is_kept(tmp_path: Path) -> None:
    source, output = save_with_images(tmp_path / "source"), tmp_path / "models/gemma"
    (source / "tokenizer.json").write_text("{}")
    (source / "preprocessor_config.json").write_text("{}")
    before = {file.name: file.read_bytes() for file in source.iterdir()}
    done = fetch(source, output)
    assert done.returncode == 0, done.stderr
    assert {file.name: file.read_bytes() for file in source.iterdir()} == before
    config = read_json(output / "config.json")
    assert config["model_type"] == "gemma3_text"
    assert config["architectures"] == ["Gemma3ForCausalLM"]
    assert not (output / "preprocessor_config.json").exists()
    names = set(load_file(output / "model.safetensors"))
    assert "model.layers.0.mlp.up_proj.weight" in names
    assert not any("vision" in name or "language_model" in name for name in names)
    ids = torch.tensor([[1, 5, 9]])
    torch.testing.assert_close(load_policy(output, dtype="bfloat16")(ids), load_policy(source, dtype="bfloat16")(ids))


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_model_of_the_hub_is_fetched_at_its_commit(hub: Hub, published: Path, tmp_path: Path) -> None:
    output = tmp_path / "models/7B"
    done = fetch(NAME, output, address=hub.address)
    assert done.returncode == 0, done.stderr
    assert {file.name for file in output.iterdir()} == KEPT | {"source.json", "checkpoint.sha256"}
    assert all((output / name).read_bytes() == (published / name).read_bytes() for name in KEPT)
    assert (sealed_digests(output) or {}).keys() == KEPT | {"source.json"}
    source = read_json(output / "source.json", "model_source")
    assert source == {"name": NAME, "revision": "main", "commit": COMMIT}
    assert hidden(output.parent) == []


def test_an_interrupted_download_goes_on(hub: Hub, published: Path, tmp_path: Path) -> None:
    output = tmp_path / "models/7B"
    hub.refused = {SHARDS[1]}
    done = fetch(NAME, output, address=hub.address)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"error: {NAME}: could not be fetched: ")
    assert not output.exists()
    assert hidden(output.parent) == [f".7B.{COMMIT}.download"]

    hub.refused, hub.sent = set(), []
    done = fetch(NAME, output, address=hub.address)
    assert done.returncode == 0, done.stderr
    assert hub.sent == [SHARDS[1]]
    assert (output / SHARDS[1]).read_bytes() == (published / SHARDS[1]).read_bytes()
    assert hidden(output.parent) == []


def test_what_the_hub_refuses_is_one_line_that_says_what_to_do(hub: Hub, tmp_path: Path) -> None:
    cases = [
        (NAME, "v9", "error: owner/model: revision: 'v9' is no commit, tag or branch of this model\n"),
        ("owner/other", "main", "error: owner/other: the hub has no such model, or it is private: check the name, or"),
        ("./other", "main", "error: --source: './other' is neither a folder nor a name on the hub, such as Qwen/"),
    ]
    for name, revision, message in cases:
        done = fetch(name, tmp_path / "out", revision, hub.address)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(message), done.stderr
        assert done.stderr.count("\n") == 1
    hub.gated = True
    done = fetch(NAME, tmp_path / "out", address=hub.address)
    assert "owner/model: its owner asks for consent: agree on the model's page, and set HF_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_network_a_folder_is_asked_for(tmp_path: Path) -> None:
    done = fetch(NAME, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("error: owner/model: could not be fetched: ")
    assert done.stderr.endswith("without network, give the model's folder as --source\n")
    assert list(tmp_path.iterdir()) == []


def test_a_local_folder_is_linked_and_keeps_what_it_says_of_itself(published: Path, tmp_path: Path) -> None:
    # As in the hub's cache, where a model's files are links.
    (published / "config.json").rename(tmp_path / "blob")
    (published / "config.json").symlink_to(tmp_path / "blob")
    output, again = tmp_path / "models/7B", tmp_path / "again"
    assert fetch(published, output, "abc").returncode == 0
    assert {file.name for file in output.iterdir()} == KEPT | {"source.json", "checkpoint.sha256"}
    assert (output / SHARDS[0]).samefile(published / SHARDS[0])
    assert (output / "config.json").samefile(tmp_path / "blob")
    assert not (output / "config.json").is_symlink()
    assert read_json(output / "source.json") == {"name": "published", "revision": "abc", "commit": None}

    (output / "source.json").write_text(json.dumps({"name": NAME, "revision": "main", "commit": COMMIT}))
    refused = fetch(output, again, COMMIT)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: {output}/source.json: is damaged: "), refused.stderr
    (output / "checkpoint.sha256").unlink()
    assert fetch(output, again, COMMIT).returncode == 0
    assert read_json(again / "source.json") == {"name": NAME, "revision": "main", "commit": COMMIT}
    done = fetch(output, tmp_path / "third", "abc")
    assert (done.returncode, "--revision asks for 'abc'" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("removed", "missing"),
    [
        (["config.json"], "1 of 4 needed files are missing: config.json;"),
        (["tokenizer.json", SHARDS[1]], f"2 of 4 needed files are missing: tokenizer.json, {SHARDS[1]};"),
        (["model.safetensors.index.json"], "1 of 3 needed files are missing: model.safetensors;"),
    ],
)
def test_a_model_that_is_not_whole_is_refused(
    removed: list[str], missing: str, published: Path, tmp_path: Path
) -> None:
    for name in removed:
        (published / name).unlink()
    done = fetch(published, tmp_path / "models/7B")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {published}: {missing}"), done.stderr
    assert list((tmp_path / "models").iterdir()) == []
