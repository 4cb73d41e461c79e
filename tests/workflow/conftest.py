"""The miniature, computed once for all tests of this folder, and a copy of it for each test that changes it."""

import shutil
from pathlib import Path

import pytest

from tests.workflow.project import make_miniature, snakemake


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with all that it can have computed from nothing; tests that change it copy it first."""
    project = make_miniature(tmp_path_factory.mktemp("miniature"))
    result = snakemake(project, "all", timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    return project


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished miniature, with Snakemake's records, to change."""
    return shutil.copytree(finished, tmp_path / "copy", symlinks=True)
