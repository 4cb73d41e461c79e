"""The locks are complete, each pin with its hashes, and the conda files hold the same versions."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "envs"
BLOCK = re.compile(r"^(?P<requirement>[^\s#].*?)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n", re.MULTILINE)
# Conda files hold versions of the default environment, but for those that run on GPUs.
LOCK_OF = {"training_gpu": "gpu.lock"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    """What a lock holds for this machine and Python; every line of it is a pin or a hash."""
    text = (ENVIRONMENTS / lock).read_text()
    assert BLOCK.sub("", text) == ""
    requirements = [Requirement(block["requirement"]) for block in BLOCK.finditer(text)]
    here = [each for each in requirements if each.marker is None or each.marker.evaluate()]
    assert all(str(each.specifier).startswith("==") for each in requirements)
    assert len({canonical(each.name) for each in here}) == len(here)
    return {canonical(each.name): str(each.specifier)[2:] for each in here}


def direct(requirements: str) -> dict[str, str]:
    """Names and versions, if any, of a file of direct requirements."""
    lines = (ENVIRONMENTS / requirements).read_text().splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonical(each.name): str(each.specifier)[2:] for each in asked}


@pytest.mark.parametrize("name", ["cpu", "gpu", "vllm"])
def test_every_direct_requirement_is_pinned_without_addresses(name: str) -> None:
    asked, locked = direct(f"{name}.in"), pins(f"{name}.lock")
    if name != "gpu":
        # The registry's build, whose hash a lock would hold, is CUDA's.
        assert "torch" not in locked
        locked["torch"] = asked["torch"]
    assert set(asked) <= set(locked)
    assert {each for each, version in asked.items() if version and locked[each] != version} == set()
    assert "://" not in (ENVIRONMENTS / f"{name}.lock").read_text()


def test_torch_is_one_version_everywhere() -> None:
    project = tomllib.loads((ENVIRONMENTS.parent / "pyproject.toml").read_text())
    assert project["tool"]["uv"]["override-dependencies"] == ["torch==2.13.0"]
    assert {direct(f"{name}.in")["torch"] for name in ("cpu", "gpu", "vllm")} == {"2.13.0"}


@pytest.mark.parametrize("name", ["cpu", "vllm"])
def test_environments_without_gpu_need_no_cuda_package(name: str) -> None:
    assert not [each for each in pins(f"{name}.lock") if each.startswith(("nvidia", "cuda", "triton"))]


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {canonical(d.metadata["Name"]): d.version.split("+")[0] for d in importlib.metadata.distributions()}
    locked = pins("cpu.lock") | {"torch": direct("cpu.in")["torch"]}
    assert {name: version for name, version in locked.items() if installed.get(name) != version} == {}


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_conda_files_hold_the_locked_versions(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    assert document["name"] == path.stem
    packages = next(part["pip"] for part in document["dependencies"] if isinstance(part, dict))
    locked = {"torch": direct("cpu.in")["torch"]} | pins(LOCK_OF.get(path.stem, "cpu.lock"))
    for package in packages:
        name, version = package.split("==")
        assert locked[canonical(name)] == version
