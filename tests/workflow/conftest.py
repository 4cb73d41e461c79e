"""The miniature, computed once for all tests of this folder."""

from pathlib import Path

import pytest

from tests.workflow.project import make_miniature, snakemake


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with figure 3 and table 6 computed from nothing; tests that change it copy it first."""
    project = make_miniature(tmp_path_factory.mktemp("miniature"))
    result = snakemake(project, "all")
    assert result.returncode == 0, result.stdout + result.stderr
    return project
