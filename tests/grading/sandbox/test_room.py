"""A folder that takes nothing more is named, with what is needed and what to do."""

import errno
import subprocess
from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.sandbox.room import room_for, temporary_folder

_FULL = r"no room for headers, about 1 MB each: \d+ MB are free; make room, or name another folder by TMPDIR or --cache"


def test_too_little_room_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no room for headers"), room_for(tmp_path, 1 << 60, "headers"):
        raise AssertionError("made")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        subprocess.CalledProcessError(1, "g++", stderr="x.hpp: fatal error: cannot write: No space left on device\n"),
    ],
)
def test_a_folder_that_fills_up_is_said(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(UserError, match=_FULL), room_for(tmp_path, 1 << 20, "headers"):
        raise error


def test_another_error_keeps_its_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="could not be made: broken"), room_for(tmp_path, 1, "headers"):
        raise subprocess.CalledProcessError(1, "g++", stderr="broken")
    with pytest.raises(FileNotFoundError), room_for(tmp_path, 1, "headers"):
        raise FileNotFoundError


def test_a_temporary_folder_that_takes_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert temporary_folder() == str(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    with pytest.raises(UserError, match=r"none: no temporary folder can be made there: .*TMPDIR"):
        temporary_folder()
