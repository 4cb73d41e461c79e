"""What a machine lacks is said before a run, a line per check, and nothing is said to be missing that is there."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from tests.audit.made_up_jobs import job
from tests.models.hub_server import NAME, Hub, serve
from workflow_scripts.audit import preflight
from workflow_scripts.audit.preflight import Line, asked
from workflow_scripts.audit.snakemake_jobs import Parallelism, Workload
from workflow_scripts.core.configuration import read_testbeds
from workflow_scripts.core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ["rlimits", "no_new_privs"]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve(tmp_path) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        yield hub


def test_a_line_says_whether_it_is_there_or_what_to_do() -> None:
    assert str(asked("Python", partial(preflight.python, (3, 12, 1)))) == "ok       Python         3.12.1"
    line = str(asked("Python", partial(preflight.python, (3, 14, 0))))
    assert line.startswith("missing  Python         3.14.0; ")
    assert "make PYTHON=" in line


def test_the_checks_of_this_machine() -> None:
    assert preflight.command(Path(sys.executable).name, "") != ""
    with pytest.raises(UserError, match="not on PATH: install it"):
        preflight.command("no-such-command", "install it")
    assert preflight.sandbox(LAYERS) == "rlimits, no_new_privs active"
    assert not asked("sandbox", partial(preflight.sandbox, ["no_such_layer"])).there
    assert preflight.package("numpy") == "installed"
    with pytest.raises(UserError, match="make gpu-env"):
        preflight.package("no_such_package")
    assert "needed at most" in preflight.disk(1.0, Path())
    with pytest.raises(UserError, match="make room"):
        preflight.disk(1e18, Path())


def test_a_model_comes_from_here_the_hub_or_a_package(hub: Hub, tmp_path: Path) -> None:
    declared = {"name": NAME, "revision": "main"}
    assert preflight.model(declared) == f"{NAME}, given by the hub"
    assert preflight.model({"name": str(tmp_path), "revision": "x"}).endswith("on this machine")
    hub.gated = True
    with pytest.raises(UserError, match="set HF_TOKEN"):
        preflight.model(declared)


def test_where_the_hub_is_silent_a_package_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    declared: dict[str, Any] = {"name": NAME, "revision": "main"}
    with pytest.raises(UserError, match="could not be fetched"):
        preflight.model(declared)
    assert "from some-package==1" in preflight.model(declared | {"package": {"requirement": "some-package==1"}})


def checked(testbed: str, monkeypatch: pytest.MonkeyPatch, profile: str | None = None) -> dict[str, Line]:
    """The lines of a testbed whose plan is to fetch one model."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(preflight, "model", lambda declared: declared["name"])
    workload = Workload(
        (job(1, "fetch_model", wildcards={"role": "3B"}, told={"origin": {}}),), Parallelism(2, None), 1.0
    )
    bed = read_testbeds()[testbed] | {"grading": {"required_layers": LAYERS}}
    return {line.what: line for line in preflight.lines(bed, lambda: workload, profile)}


def test_a_testbed_without_gpus_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(checked("small", monkeypatch)) == ["Python", "g++", "sandbox", "disk", "model 3B"]


def test_a_testbed_on_gpus_asks_for_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ["vllm", "accelerate", "torch"]
    here = checked("qwen", monkeypatch)
    assert list(here) == ["Python", "g++", "sandbox", *own, "GPUs", "disk", "model 3B"]
    assert here["accelerate"].there
    assert list(checked("qwen", monkeypatch, "slurm")) == [
        *("Python", "g++", "sandbox", *own, "sbatch", "disk", "model 3B")
    ]
