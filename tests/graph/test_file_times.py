"""Results get one time, the newest of theirs and never one to come; or those to come alone become now."""

import os
import time
from pathlib import Path

import pytest

from workflow_scripts.graph.file_times import level_file_times, not_in_the_future

HOUR = 3600 * 10**9


def set_time(path: Path, nanoseconds: int) -> None:
    os.utime(path, ns=(nanoseconds, nanoseconds), follow_symlinks=False)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Three files, two folders and links, to a file elsewhere, a folder elsewhere and nothing, each of its own time."""
    results = tmp_path / "results"
    (results / "a" / "b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for name in ("results/a/x", "results/a/b/y", "results/z", "elsewhere/file"):
        (tmp_path / name).write_text(name)
    for name, target in (("file", "elsewhere/file"), ("folder", "elsewhere"), ("nothing", "missing")):
        (results / name).symlink_to(tmp_path / target)
    for number, path in enumerate(sorted(tmp_path.rglob("*"))):
        set_time(path, 10**18 + number)
    return results


def times(folder: Path) -> set[int]:
    return {path.lstat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


def test_all_times_become_the_newest_and_then_stay(results: Path) -> None:
    newest = max(times(results))
    elsewhere = times(results.parent / "elsewhere")
    level_file_times([results, results / "missing"])
    assert times(results) == {newest}
    assert times(results.parent / "elsewhere") == elsewhere
    before = (results / "z").stat()
    level_file_times([results])
    assert (results / "z").stat().st_ctime_ns == before.st_ctime_ns


def test_a_time_in_the_future_is_now(results: Path) -> None:
    began = time.time_ns()
    set_time(results / "a" / "x", began + HOUR)
    level_file_times([results])
    assert len(times(results)) == 1
    assert began <= times(results).pop() <= time.time_ns()


def test_times_that_are_past_stay(results: Path) -> None:
    (ahead := results / "a" / "x").touch()
    before = times(results)
    set_time(ahead, time.time_ns() + HOUR)
    not_in_the_future([results])
    assert ahead.stat().st_mtime_ns <= time.time_ns()
    assert len(times(results) & before) == len(before) - 1
