"""Where Snakemake keeps its copies of what it reads."""

import os
import subprocess
from pathlib import Path

from tests.workflow.project import ROOT


def cache_of_make(**variables: str) -> str:
    """Where the Makefile has Snakemake keep its copies of what it reads; "" for the user's own place."""
    kept = {name: value for name, value in os.environ.items() if name not in ("XDG_CACHE_HOME", "MAKEFLAGS")}
    rule = "shown: ; @echo $${XDG_CACHE_HOME-}"
    command = ["make", "--silent", "--no-print-directory", f"--eval={rule}", "shown"]
    return subprocess.run(
        command, cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_home_that_cannot_be_written_keeps_no_copies(tmp_path: Path) -> None:
    """Below a file nobody can write, root included."""
    (tmp_path / "file").touch()
    for refused in ({"HOME": f"{tmp_path}/file"}, {"HOME": f"{tmp_path}", "XDG_CACHE_HOME": f"{tmp_path}/file/cache"}):
        assert cache_of_make(**refused) == str(ROOT / ".snakemake" / "cache")
    assert cache_of_make(HOME=f"{tmp_path}") == ""
    own = str(tmp_path / "my cache")
    assert cache_of_make(HOME=f"{tmp_path}/file", XDG_CACHE_HOME=own) == own
