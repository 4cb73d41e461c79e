"""One workflow at a time in a folder, however the one before it ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.processes import require_writable, single_workflow

ROOT = Path(__file__).parents[2]
HOLDER = """
import pathlib, sys, time
from workflow_scripts.core.processes import single_workflow
handle = single_workflow(pathlib.Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_workflow_is_refused_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    folder = tmp_path / ".snakemake"
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(UserError, match=rf"{tmp_path}: another Snakemake \(process {holder.pid}\) is at work"):
                single_workflow(folder)
            # Being refused must not erase the owner's name.
            with pytest.raises(UserError, match=rf"process {holder.pid}\b"):
                single_workflow(folder)
        finally:
            holder.send_signal(signal.SIGKILL)
    with single_workflow(folder) as handle:
        assert (folder / "workflow.lock").read_text(encoding="utf-8") == f"{os.getpid()}\n"
        assert not handle.closed
    single_workflow(folder).close()


def test_a_folder_to_be_made_is_accepted_and_not_made(tmp_path: Path) -> None:
    require_writable(tmp_path / "results" / "tiny")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(UserError, match=rf"^{tmp_path}/results/tiny: cannot be written: .*/results is not a folder"):
        require_writable(tmp_path / "results" / "tiny")


def test_a_refused_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's refusal is put in its place, since root, as which tests may run, is refused nowhere in /tmp."""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(UserError, match=f"cannot be written: no permission in {tmp_path}"):
        require_writable(tmp_path / "results" / "tiny")
