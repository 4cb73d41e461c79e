"""The miniature, computed once for all tests of this folder, and a copy of it for each test that changes it."""

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.patience import PATIENCE_SECONDS
from tests.workflow.project import make_miniature, snakemake


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with all that it can have computed from nothing; tests that change it copy it first.

    Where tests run in several processes one of them makes it for all.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    finished = shared / "miniature.finished"
    with FileLock(shared / "miniature.lock"):
        if not finished.exists():
            project = make_miniature(tmp_path_factory.mktemp("miniature"))
            result = snakemake(project, "all", timeout=2 * PATIENCE_SECONDS)
            assert result.returncode == 0, result.stdout + result.stderr
            finished.write_text(str(project))
    return Path(finished.read_text())


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished miniature, with Snakemake's records, to change."""
    return shutil.copytree(finished, tmp_path / "copy", symlinks=True)
