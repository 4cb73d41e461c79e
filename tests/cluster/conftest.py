"""What tests on the cluster start from: a cluster that is up, and a miniature that was computed without it."""

import shutil
from pathlib import Path

import pytest

from tests.cluster.cluster import node_state
from tests.workflow.project import copy_project, edit_config, make_miniature, read_config, snakemake


@pytest.fixture(scope="session", autouse=True)
def cluster() -> None:
    """The test cluster, which `make test-slurm` starts and ends."""
    if node_state() == "unreachable":
        pytest.skip("NOT RUN: no test cluster is up; `make test-slurm` starts one")


@pytest.fixture(scope="session")
def computed_locally(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wave W4 with one seed and three campaigns of three steps, each to be trained on a GPU, run on this machine."""
    project = make_miniature(tmp_path_factory.mktemp("local"))
    config = read_config(project)
    bed = config["testbeds"]["tiny"]
    bed["resources"]["training"] = {"gpus": 1, "memory_mb": 1500, "minutes": 5}
    wave = config["waves"]["W4"] | {"campaigns": 3}
    edit_config(project, seeds=[7], waves={"W4": wave}, testbeds=config["testbeds"])
    result = snakemake(project, "figures/fig3.pdf")
    assert result.returncode == 0, result.stdout + result.stderr
    return project


@pytest.fixture
def checkout(computed_locally: Path, tmp_path: Path) -> Path:
    """A checkout with the same configuration, and with its problems and base model, but no campaign."""
    project = copy_project(tmp_path / "checkout")
    shutil.copyfile(computed_locally / "config.yaml", project / "config.yaml")
    shutil.copytree(computed_locally / "testbeds", project / "testbeds", dirs_exist_ok=True)
    for part in ("problems", "models"):
        shutil.copytree(computed_locally / "results/tiny" / part, project / "results/tiny" / part)
    return project
