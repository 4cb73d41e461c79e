"""The package as others install it: its data files come along, and each command answers for itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from workflow_scripts.audit.rise_collapse import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        ROOT / "workflow_scripts", source / "workflow_scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True, timeout=PATIENCE_SECONDS)
    return target


def rise_collapse(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, installed / "bin/rise-collapse", *words],
        cwd=installed,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def test_all_files_of_the_package_are_installed(installed: Path) -> None:
    def files(folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.suffix != ".pyc"}

    assert files(installed / "workflow_scripts") == files(ROOT / "workflow_scripts")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_runs_outside_a_checkout(installed: Path, name: str) -> None:
    done = rise_collapse(installed, name, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")


def test_an_unknown_command_is_answered_with_the_nearest(installed: Path) -> None:
    done = rise_collapse(installed, "grad")
    assert (done.returncode, done.stderr) == (1, "error: rise-collapse: no command 'grad'; did you mean 'grade'?\n")
