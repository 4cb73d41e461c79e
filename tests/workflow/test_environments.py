"""The locks are complete and plain, and the conda files hold the same versions."""

import importlib.metadata
import re
from pathlib import Path

import pytest
import yaml

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "envs"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([A-Za-z0-9.!+-]+)( ;.*)?$")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    lines = (ENVIRONMENTS / lock).read_text().splitlines()
    matches = [PIN.match(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    return {canonical(match[1]): match[2] for match in matches if match}


def direct(requirements: str) -> set[str]:
    lines = (ENVIRONMENTS / requirements).read_text().splitlines()
    return {canonical(line.split("==")[0]) for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("name", ["cpu", "gpu", "vllm"])
def test_every_direct_requirement_is_pinned_without_addresses(name: str) -> None:
    assert direct(f"{name}.in") <= set(pins(f"{name}.lock"))
    assert "://" not in (ENVIRONMENTS / f"{name}.lock").read_text()


def test_the_default_environment_needs_no_cuda_package() -> None:
    assert not [name for name in pins("cpu.lock") if name.startswith(("nvidia", "cuda", "triton", "vllm"))]
    assert pins("cpu.lock")["torch"] == "2.13.0"


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {canonical(d.metadata["Name"]): d.version.split("+")[0] for d in importlib.metadata.distributions()}
    locked = pins("cpu.lock")
    assert {name: version for name, version in locked.items() if installed.get(name) != version} == {}


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_conda_files_hold_the_locked_versions(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    assert document["name"] == path.stem
    packages = next(part["pip"] for part in document["dependencies"] if isinstance(part, dict))
    locked = pins("cpu.lock")
    for package in packages:
        name, version = package.split("==")
        assert locked[canonical(name)] == version
